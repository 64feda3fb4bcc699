using System.Diagnostics;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Cluster;

/// <summary>Tasks in processes of this machine, some at a time.</summary>
/// <param name="screen">Where somebody looks.</param>
/// <param name="atOnce">How many at a time.</param>
/// <param name="finish">Puts the run together at the end.</param>
internal sealed class LocalLauncher(
    Screen screen, int atOnce, Func<SubmittedRun, CancellationToken, ExitCode> finish)
    : ILauncher
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public int AtLeast => atOnce;

    /// <inheritdoc/>
    public void Check(SubmittedRun run)
    {
        // There is nothing to ask for.
    }

    /// <inheritdoc/>
    public string Describe(SubmittedRun run, IReadOnlyList<int> tasks) =>
        $"tasks {TaskNumbers.Write(tasks)} would run here, {atOnce} at a time\n";

    /// <inheritdoc/>
    public IReadOnlySet<int> Active(SubmittedRun run) => new HashSet<int>();

    /// <inheritdoc/>
    public ExitCode Launch(
        SubmittedRun run, IReadOnlyList<int> tasks, CancellationToken cancellation)
    {
        IReadOnlyList<string> failures = [];
        using (FolderLock.Take(run.Path, screen.Note))
            if (tasks.Count > 0)
                ProgressDisplay.Run(
                    screen, progress => failures = Work(run, tasks, progress, cancellation));
        foreach (string failure in failures) screen.Error(failure);
        if (!cancellation.IsCancellationRequested) return finish(run, cancellation);
        screen.Error(
            $"interrupted; what was finished is in {run.Path}, the same command goes on");
        return ExitCode.Interrupted;
    }

    private List<string> Work(
        SubmittedRun run, IReadOnlyList<int> tasks, IProgressSink progress,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var waiting = tasks.Select(t => (Task: t, Attempt: 1, After: TimeSpan.Zero)).ToList();
        var running = new List<LocalTask>();
        var failures = new List<string>();
        int processors = Math.Max(1, Environment.ProcessorCount / atOnce);
        progress.Begin($"{tasks.Count} tasks, {Math.Min(atOnce, tasks.Count)} at a time");
        var pace = new RunPace(run);
        var shown = Stopwatch.StartNew();
        try
        {
            while (waiting.Count + running.Count > 0 && !cancellation.IsCancellationRequested)
            {
                int next = waiting.FindIndex(w => w.After <= clock.Elapsed);
                while (running.Count < atOnce && next >= 0)
                {
                    running.Add(new(run, waiting[next].Task, waiting[next].Attempt, processors));
                    waiting.RemoveAt(next);
                    next = waiting.FindIndex(w => w.After <= clock.Elapsed);
                }

                cancellation.WaitHandle.WaitOne(Look);
                foreach (LocalTask ended in running.Where(t => t.HasEnded).ToArray())
                {
                    running.Remove(ended);
                    string how = ended.Ending();
                    ended.Dispose();
                    if (run.CellsOf(ended.Number).IsDone) continue;
                    if (ended.Attempt < MostAttempts)
                        waiting.Add((
                            ended.Number, ended.Attempt + 1,
                            clock.Elapsed + (Pause * ended.Attempt)));
                    else
                        failures.Add(
                            $"task {ended.Number} failed {MostAttempts} times: {how} (see "
                                + $"{ended.LogPath})");
                }

                if (shown.Elapsed < Shown && running.Count > 0) continue;
                progress.Report(pace.Share(), pace.InWords(running.Count));
                shown.Restart();
            }
        }
        finally
        {
            foreach (LocalTask task in running) task.Stop();
            foreach (LocalTask task in running) task.Dispose();
        }

        return failures;
    }
}
