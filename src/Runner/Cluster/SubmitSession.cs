using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Cluster;

/// <summary>What is asked of a submission beside the study.</summary>
internal sealed record SubmitOptions
{
    /// <summary>The run's folder; null for one by the study's name.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Into how many tasks the study is cut; null for as many as take minutes.</summary>
    public int? Tasks { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>How tasks are run.</summary>
    public required Submission Plan { get; init; }
}

/// <summary>
/// Submits a study: plans it once, and then, each time it is asked, has those tasks done that lack
/// cells and that nobody works on.
/// </summary>
/// <param name="screen">Where somebody looks.</param>
/// <param name="inputs">The study.</param>
/// <param name="options">What is asked beside it.</param>
internal sealed class SubmitSession(Screen screen, StudyInputs inputs, SubmitOptions options)
{
    private readonly ResolvedStudy _study = inputs.Resolve();

    /// <summary>The run's folder, absolute: tasks may start elsewhere.</summary>
    public string Folder { get; } = FolderOf(options.OutputFolder, inputs.Settings.Name);

    /// <summary>A name for files and schedulers.</summary>
    public static string Named(string name) => string.Concat(
        name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '-'));

    private static string FolderOf(string? named, string study)
    {
        if (named is not null) NewFolder.CheckNamed(named, "--out");
        return Path.GetFullPath(
            named ?? Path.Combine(RunDirectory.DefaultFolder, Named(study)));
    }

    /// <summary>Submits what is missing.</summary>
    /// <exception cref="RequestException">It cannot be.</exception>
    public ExitCode Run(ILauncher launcher, CancellationToken cancellation)
    {
        if (inputs.Settings.StopAtChance)
            throw new RequestException(
                "submit needs epsilons in the study: without them a run leaves out larger budgets "
                    + "once accuracy is at chance, which a task cannot know");
        RunDirectory.Check(Folder, overwrite: null, _study);
        Submission? before = Directory.Exists(Folder) ? Submission.Read(Folder) : null;
        CheckTasks(before);
        var draft = new SubmittedRun(
            Folder, options.Plan with
            {
                Tasks = before?.Tasks ?? options.Tasks ?? 1,
                Name = NameOf(),
                Submitted = before?.Submitted ?? options.Plan.Submitted,
            },
            _study);
        launcher.Check(draft);
        SubmittedRun run = before is null ? Packed(draft, launcher, cancellation) : draft;
        if (options.IsDryRun)
        {
            int[] all = [.. Lacking(run)];
            screen.Line(
                $"{run.Path}: {run.CellCount} cells in {run.Plan.Tasks} tasks, {all.Length} of "
                    + "them lack some");
            screen.Document(launcher.Describe(run, all));
            return ExitCode.Done;
        }

        RunDirectory directory = Begin(run, before is null);
        int[] lacking = [.. Lacking(run)];
        IReadOnlySet<int> active = lacking.Length > 0
            ? launcher.Active(run)
            : new HashSet<int>();
        screen.Note(
            $"{run.Path}: {run.CellCount} cells in {run.Plan.Tasks} tasks, "
                + $"{run.Plan.Tasks - lacking.Length} done"
                + (active.Count > 0 ? $", {lacking.Count(active.Contains)} submitted before" : ""));
        try
        {
            return launcher.Launch(
                run, [.. lacking.Where(t => !active.Contains(t))], cancellation);
        }
        catch (NotSubmittedException) when (before is null)
        {
            directory.RemoveIfMade();
            throw;
        }
    }

    private void CheckTasks(Submission? before)
    {
        if (before is not null && options.Tasks is { } tasks && tasks != before.Tasks)
            throw new RequestException(
                $"{Folder}: was submitted in {before.Tasks} tasks (leave out --array-size, or name "
                    + "another --out)");
        int jobs = Packing.Jobs(_study);
        if (before is null && options.Tasks > jobs)
            throw new RequestException(
                $"--array-size {options.Tasks}: this study can be cut into {jobs} parts at most");
    }

    private SubmittedRun Packed(
        SubmittedRun draft, ILauncher launcher, CancellationToken cancellation)
    {
        if (options.Tasks is not null) return draft;
        screen.Note("trying how long the study takes (--array-size says it instead)");
        (int tasks, string reason) = new Packing(inputs, options.Plan.Threads).Choose(
            launcher.AtLeast, cancellation);
        screen.Note($"{tasks} task{(tasks == 1 ? "" : "s")}: {reason}");
        return draft with { Plan = draft.Plan with { Tasks = tasks } };
    }

    /// <summary>
    /// Puts study and plan into the folder, the plan last: whoever is killed before that begins
    /// again. Of a run that was submitted before, only how tasks run is written anew.
    /// </summary>
    private RunDirectory Begin(SubmittedRun run, bool isNew)
    {
        RunDirectory directory = RunDirectory.Create(
            run.Path, run.Plan.Submitted, overwrite: null, _study);
        if (isNew)
            using (CellStore.Open(run.Path, _study, note: screen.Note))
                directory.Begin(_study, anew: false);
        directory.Write(Submission.FileName, SealedJson.Of(run.Plan));
        return directory;
    }

    private static IEnumerable<int> Lacking(SubmittedRun run) =>
        run.Tasks().Where(t => !t.IsDone).Select(t => t.Number);

    /// <summary>By the study's name, and told apart by the folder.</summary>
    private string NameOf()
    {
        const int Digits = 8;
        string folder = Digest.Of(System.Text.Encoding.UTF8.GetBytes(Folder));
        return $"qsim-{Named(inputs.Settings.Name)}-{folder[..Digits]}";
    }
}
