using System.Diagnostics;
using System.Globalization;
using QSim.Runner.Output;

namespace QSim.Runner.Silicon;

/// <summary>What a simulator said of one twin.</summary>
/// <param name="Name">The twin.</param>
/// <param name="Passed">Whether every register was equal.</param>
/// <param name="FirstDifference">The testbench's line about the first difference.</param>
internal sealed record TwinResult(string Name, bool Passed, string? FirstDifference);

/// <summary>A simulator's run.</summary>
/// <param name="Results">One per twin.</param>
/// <param name="BuildSeconds">How long it took to make a program of the circuits.</param>
/// <param name="Seconds">How long that program ran.</param>
internal sealed record SimulatorRun(TwinResult[] Results, double BuildSeconds, double Seconds);

/// <summary>Builds and runs a folder of twins in an RTL simulator that is installed.</summary>
internal static class RtlSimulator
{
    /// <summary>The simulators that are known.</summary>
    public static readonly string[] Names = ["verilator", "icarus"];

    /// <summary>Builds and runs the twins.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="twins">The twins' names.</param>
    /// <param name="cancellation">Ends the simulator.</param>
    /// <exception cref="RequestException">The simulator is missing or fails.</exception>
    public static SimulatorRun Run(
        string name, string folder, IEnumerable<string> twins, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        Start(folder, "make", [name], cancellation);
        long begin = Stopwatch.GetTimestamp();
        string said = name == "icarus"
            ? Start(folder, "vvp", ["build/twin.vvp"], cancellation)
            : Start(folder, Path.GetFullPath(Path.Combine(folder, "build", "Vbench")), [],
                cancellation);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        string[] lines = said.Split('\n');
        return new(
            [
                .. twins.Select(t => new TwinResult(
                    t, lines.Any(l => Begins(l, "PASSED", t)),
                    lines.FirstOrDefault(l => Begins(l, "DIFFERS", t)))),
            ],
            Stopwatch.GetElapsedTime(start, begin).TotalSeconds, seconds);
    }

    private static bool Begins(string line, string word, string twin) =>
        line.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"{word} {twin} "),
            StringComparison.Ordinal);

    private static string Start(
        string folder, string command, string[] arguments, CancellationToken cancellation) =>
        StartedProgram.Run(
            folder,
            Path.IsPathRooted(command)
                ? command
                : Programs.Find(command) ?? throw new RequestException(
                    $"'{command}' is not installed (on Debian: verilator, iverilog, make, g++)"),
            arguments, cancellation);
}
