using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
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
    private const long MostAllocated = 1L << 30, MostAllocatedOnIlgpu = 2L << 30;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(10);

    /// <summary>
    /// ILGPU takes ten seconds and allocates up to 1.2 GiB, bit by bit, for a network's kernels,
    /// once.
    /// </summary>
    private static readonly TimeSpan SlowOnIlgpu = TimeSpan.FromSeconds(100);

    /// <summary>Mutants between two lines that are written down whole.</summary>
    private const int Between = 64;

    private readonly Tally _tally = new();

    /// <summary>Runs mutants [first, last).</summary>
    public void Run(Sandbox box, int first, int last)
    {
        box.Restore();
        using var watch = new Watch();
        using SafeFileHandle at = File.OpenHandle(progress, FileMode.Open, FileAccess.Write);
        CheckSeeds(box);
        if (_tally.Failures.Count > 0) first = last;
        for (int mutant = first; mutant < last; mutant++)
        {
            int failures = _tally.Failures.Count;
            watch.Begin();
            Say(at, mutant, isWhole: (mutant - first) % Between == 0);
            var dice = new Dice(seed, format.Name, mutant);
            string name = dice.Of(format.Seeds);
            byte[] bytes = format.Mutate(box.Seed(name), dice);
            box.Mutant = mutant;
            One(box, name, bytes, mutant);
            if (_tally.Failures.Count > failures) Say(at, mutant, isWhole: true);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (GuardedPages.Violations > 0) _tally.Fail(last, "wrote beside a buffer");
        _tally.Peak = Process.GetCurrentProcess().PeakWorkingSet64;
        Say(at, last, isWhole: true);
    }

    /// <summary>Right files are run to the end, or their mutants would prove nothing.</summary>
    private void CheckSeeds(Sandbox box)
    {
        box.Mutant = RunFolder.EveryRun;
        foreach (string name in format.Seeds)
        {
            string? fault = null;
            try
            {
                Outcome outcome = format.Run(box, name, box.Seed(name));
                if (outcome != Outcome.Executed) fault = $"{outcome}";
            }
            catch (Exception e)
            {
                fault = e.Message;
            }

            if (fault is not null) _tally.Fail(-1, $"the right file {name}: {fault}");
        }
    }

    /// <summary>The mutant in ten characters, then a line of what came of all before it.</summary>
    private void Say(SafeFileHandle file, int mutant, bool isWhole)
    {
        string text = mutant.ToString("D10", CultureInfo.InvariantCulture);
        if (isWhole) text += $"\n{_tally.Line()}\n";
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
    }

    /// <summary>Time is the processor's: the machine may have other work.</summary>
    private void One(Sandbox box, string name, byte[] bytes, int mutant)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
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
        TimeSpan took = Environment.CpuUsage.TotalTime - start;
        bool usesIlgpu = Execution.UsesIlgpu(mutant);
        if (!usesIlgpu) _tally.Measure(allocated, took);
        if (allocated > (usesIlgpu ? MostAllocatedOnIlgpu : MostAllocated))
            _tally.Fail(mutant, $"allocates {allocated >> 20} MiB");
        if (took > (usesIlgpu ? SlowOnIlgpu : Slow))
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
        else if (lines.Any(l => l.Length > RunFolder.Most))
            _tally.Fail(mutant, $"a message of {lines.Max(l => l.Length)} characters: {place}");
        _tally.Add(Outcome.Refused);
    }
}
