using System.Text;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;

namespace QSim.Runner.Cluster;

/// <summary>One array job of Slurm, and one that waits for it and puts the run together.</summary>
/// <param name="screen">Where somebody looks.</param>
/// <param name="options">What each task needs.</param>
internal sealed class SlurmLauncher(Screen screen, JobOptions options) : ILauncher
{
    /// <inheritdoc/>
    public int AtLeast => 1;

    private static SchedulerProgram Sbatch => SchedulerProgram.Find("sbatch")
        ?? throw new RequestException(
            "sbatch is not on PATH: --slurm needs Slurm's commands on this machine (--local k "
                + "works without)");

    /// <summary>
    /// Words of <c>sbatch --test-only</c> where sbatch itself may queue the job: nodes are drained
    /// or down, or the queue is full, for now.
    /// </summary>
    private static readonly string[] ForNow =
    [
        "Requested node configuration is not available", "Resource temporarily unavailable",
        "Required node not available", "Required partition not available",
    ];

    /// <inheritdoc/>
    public void Check(SubmittedRun run)
    {
        string script = new SlurmScript(run, options).Text();
        try
        {
            Sbatch.Run(script, "--test-only", $"--array=1-{run.Plan.Tasks}");
        }
        catch (RequestException e)
        {
            if (e.Message.Contains("Invalid job array specification"))
                throw new RequestException(
                    $"{e.Message} ({run.Plan.Tasks} tasks are more than the cluster's MaxArraySize "
                        + "allows: name a smaller --array-size)");
            if (!Array.Exists(ForNow, e.Message.Contains)) throw;
        }
    }

    /// <inheritdoc/>
    public string Describe(SubmittedRun run, IReadOnlyList<int> tasks) =>
        $"{new SlurmScript(run, options).Text()}\n"
            + $"# {ShellLine.Of(ForTasks(run, tasks).Prepend("sbatch"))}\n"
            + $"# {ShellLine.Of(ForFinish(run, ["JOB"]).Prepend("sbatch"))}\n";

    /// <inheritdoc/>
    public IReadOnlySet<int> Active(SubmittedRun run) =>
        SlurmQueue.Of(run).Select(j => j.Task).OfType<int>().ToHashSet();

    /// <inheritdoc/>
    public ExitCode Launch(
        SubmittedRun run, IReadOnlyList<int> tasks, CancellationToken cancellation)
    {
        ILookup<bool, string> there = SlurmQueue.Of(run).ToLookup(
            j => j.Task is not null, j => j.Number);
        string progress = ShellLine.Of("qsim", "status", run.Path);
        bool isFinished = there.Count == 0 && RunDirectory.Open(run.Path).IsFinished();
        if (tasks.Count == 0 && (there[false].Any() || isFinished))
        {
            screen.Note($"nothing to submit; how it gets on: {progress}");
            return ExitCode.Done;
        }

        var before = there[true].Distinct().ToList();
        if (tasks.Count > 0) before.Add(SubmitTasks(run, tasks));
        try
        {
            string end = Submit(ForFinish(run, before));
            screen.Line($"results: job {end}, after them");
            screen.Note(
                $"how it gets on: {progress}; what stops it: scancel "
                    + string.Join(' ', before.Append(end)));
            return ExitCode.Done;
        }
        catch (RequestException e)
        {
            screen.Error(
                $"{e.Message}; tasks are submitted, the job that makes the report is not: the "
                    + "same command submits it, or, when tasks are done: "
                    + ShellLine.Of(SelfCommand.Finish(run.Path).Prepend("qsim")));
            return ExitCode.UsageError;
        }
    }

    /// <summary>Submits tasks; their job's number.</summary>
    private string SubmitTasks(SubmittedRun run, IReadOnlyList<int> tasks)
    {
        WholeFile.Replace(
            ScriptOf(run), Encoding.UTF8.GetBytes(new SlurmScript(run, options).Text()));
        try
        {
            string job = Submit(ForTasks(run, tasks));
            screen.Line($"tasks {TaskNumbers.Write(tasks)}: job {job}");
            return job;
        }
        catch (RequestException e)
        {
            throw new NotSubmittedException(e.Message);
        }
    }

    private static string ScriptOf(SubmittedRun run) =>
        Path.Combine(run.Path, SlurmScript.Folder, SlurmScript.FileName);

    /// <summary>Submits a job; its number.</summary>
    private static string Submit(IEnumerable<string> arguments) =>
        Sbatch.Run("", arguments).Split(';')[0].Trim();

    private IEnumerable<string> ForTasks(SubmittedRun run, IReadOnlyList<int> tasks)
    {
        string most = options.MostRunning is { } running
            ? FormattableString.Invariant($"%{running}")
            : "";
        return ["--parsable", $"--array={TaskNumbers.Write(tasks)}{most}", ScriptOf(run)];
    }

    /// <param name="run">The run.</param>
    /// <param name="after">Jobs of tasks that wait or work.</param>
    private IEnumerable<string> ForFinish(SubmittedRun run, IReadOnlyList<string> after) =>
    [
        "--parsable",
        .. after.Count == 0
            ? Array.Empty<string>()
            : [$"--dependency=afterany:{string.Join(':', after)}"],
        .. new SlurmScript(run, options).ForFinish,
        $"--wrap={ShellLine.Of(SelfCommand.Words.Concat(SelfCommand.Finish(run.Path)))}",
    ];
}
