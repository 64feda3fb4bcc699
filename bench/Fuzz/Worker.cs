using System.Diagnostics;
using System.Globalization;
using QSim.Kernels.Backends.Memory;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Simulator;

namespace QSim.Fuzz;

/// <summary>
/// Runs mutants one after another in a process of its own, under guard pages. What it is doing
/// stands in a file, so that who started it knows at which mutant it ended.
/// </summary>
internal sealed class Worker(FuzzFormat format, ulong seed, string progress)
{
    private const long MostAllocated = 1L << 30;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(10);

    private readonly Tally _tally = new();

    /// <summary>Runs mutants [first, last).</summary>
    public void Run(int first, int last)
    {
        GuardedPages.AreUsed = OperatingSystem.IsLinux();
        using var box = new Sandbox();
        for (int mutant = first; mutant < last; mutant++)
        {
            File.WriteAllText(progress, $"{mutant}\n{_tally.Line()}");
            var dice = new Dice(seed, format.Name, mutant);
            string name = dice.Of(format.Seeds);
            byte[] bytes = format.Mutate(Sandbox.Seed(name), dice);
            box.Turn(mutant);
            One(box, name, bytes, mutant);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (GuardedPages.Violations > 0) _tally.Fail(last, "wrote beside a buffer");
        _tally.Peak = Process.GetCurrentProcess().PeakWorkingSet64;
        File.WriteAllText(progress, $"{last}\n{_tally.Line()}");
    }

    private void One(Sandbox box, string name, byte[] bytes, int mutant)
    {
        long start = Stopwatch.GetTimestamp();
        long before = GC.GetTotalAllocatedBytes();
        try
        {
            _tally.Add(format.Run(box, name, bytes));
        }
        catch (Exception e)
        {
            Handle(e, mutant);
        }

        long allocated = GC.GetTotalAllocatedBytes() - before;
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        _tally.Measure(allocated, took, mutant);
        if (allocated > MostAllocated)
            _tally.Fail(mutant, $"allocates {allocated >> 20} MiB");
        if (took > Slow)
            _tally.Fail(mutant, string.Create(
                CultureInfo.InvariantCulture, $"takes {took.TotalSeconds:F0} s"));
    }

    /// <summary>What the program would say: one clear line a fault, or a defect.</summary>
    private void Handle(Exception e, int mutant)
    {
        using var said = new StringWriter();
        ExitCode code = Failures.Report(e, new Screen(said, said, false, false, false));
        string[] lines = said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string place =
            e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("QSim."))?.Trim() ?? "";
        if (code != ExitCode.UsageError)
            _tally.Fail(mutant, $"{e.GetType().Name}: {Brief.Message(e.Message)} {place}");
        else if (lines.Any(l => l.Length > Brief.MostOfOwnWords + 60))
            _tally.Fail(mutant, $"a message of {lines.Max(l => l.Length)} characters: {place}");
        _tally.Add(Outcome.Refused);
    }
}
