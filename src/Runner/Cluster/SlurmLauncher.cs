using QSim.Runner.CommandLine;
using QSim.Runner.Output;

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

    /// <inheritdoc/>
    public void Check(SubmittedRun run) => Sbatch.Run(
        new SlurmScript(run, options).Text(), "--test-only", $"--array=1-{run.Plan.Tasks}");

    /// <inheritdoc/>
    public string Describe(SubmittedRun run, IReadOnlyList<int> tasks) =>
        $"{new SlurmScript(run, options).Text()}\n"
            + $"# sbatch {string.Join(' ', ForTasks(run, tasks))}\n"
            + $"# sbatch {string.Join(' ', ForFinish(run, "JOB"))}\n";

    /// <inheritdoc/>
    public IReadOnlySet<int> Active(SubmittedRun run) =>
        SlurmQueue.Of(run).Select(j => j.Task).OfType<int>().ToHashSet();

    /// <inheritdoc/>
    public ExitCode Launch(
        SubmittedRun run, IReadOnlyList<int> tasks, CancellationToken cancellation)
    {
        bool isAtWork = SlurmQueue.Of(run).Count > 0;
        if (tasks.Count == 0 && isAtWork)
        {
            screen.Note($"nothing to submit; 'qsim status {run.Path}' shows how it gets on");
            return ExitCode.Done;
        }

        string? job = null;
        if (tasks.Count > 0)
        {
            WholeFile.Replace(
                ScriptOf(run),
                System.Text.Encoding.UTF8.GetBytes(new SlurmScript(run, options).Text()));
            job = Submit(ForTasks(run, tasks));
            screen.Line($"tasks {TaskNumbers.Write(tasks)}: job {job}");
        }

        string end = Submit(ForFinish(run, job));
        screen.Line($"results: job {end}, after them");
        screen.Note(
            $"'qsim status {run.Path}' shows how it gets on, 'scancel {job ?? end}' stops it");
        return ExitCode.Done;
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

    private IEnumerable<string> ForFinish(SubmittedRun run, string? after) =>
    [
        "--parsable",
        .. after is null ? Array.Empty<string>() : [$"--dependency=afterany:{after}"],
        .. new SlurmScript(run, options).ForFinish,
        $"--wrap={SlurmScript.Line(SelfCommand.Words.Concat(SelfCommand.Finish(run.Path)))}",
    ];
}
