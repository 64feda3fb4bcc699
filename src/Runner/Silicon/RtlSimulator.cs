using System.Diagnostics;
using System.Globalization;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Silicon;

/// <summary>What a simulator said of one twin.</summary>
/// <param name="Name">The twin.</param>
/// <param name="Passed">Whether every register was equal.</param>
/// <param name="FirstDifference">
/// The testbench's line about the first difference; with one nothing passed.
/// </param>
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

    /// <summary>The name of one of them.</summary>
    /// <exception cref="RequestException">It is not.</exception>
    public static string Checked(string name) => Names.Contains(name)
        ? name
        : throw new RequestException(
            $"--simulator '{name}' (supported: {string.Join(", ", Names)})");

    /// <summary>Builds and runs the twins.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="twins">The twins' names.</param>
    /// <param name="progress">Told what it is at: building takes seconds to minutes.</param>
    /// <param name="cancellation">Ends the simulator.</param>
    /// <exception cref="RequestException">The simulator is missing or fails.</exception>
    public static SimulatorRun Run(
        string name, string folder, IEnumerable<string> twins, IProgressSink progress,
        CancellationToken cancellation)
    {
        progress.Begin($"build the testbench for {name}");
        long start = Stopwatch.GetTimestamp();
        Start(folder, "make", [name], cancellation);
        progress.Begin("play the vectors");
        long begin = Stopwatch.GetTimestamp();
        string said = name == "icarus"
            ? Start(folder, "vvp", ["build/twin.vvp"], cancellation)
            : Start(folder, Path.GetFullPath(Path.Combine(folder, "build", "Vbench")), [],
                cancellation);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        string[] lines = said.Split('\n');
        return new(
            [.. twins.Select(t => Result(t, lines))],
            Stopwatch.GetElapsedTime(start, begin).TotalSeconds, seconds);
    }

    private static TwinResult Result(string twin, string[] lines)
    {
        string? difference = lines.FirstOrDefault(l => Begins(l, "DIFFERS", twin));
        return new(
            twin, difference is null && lines.Any(l => Begins(l, "PASSED", twin)), difference);
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
