using System.Globalization;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Cluster;

/// <summary>A run's folder whose study is cut into tasks, each with a folder of its own.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Plan">How it is cut.</param>
/// <param name="Study">What is asked.</param>
internal sealed record SubmittedRun(string Path, Submission Plan, ResolvedStudy Study)
{
    /// <summary>Where the tasks' folders are.</summary>
    public const string TaskFolder = "tasks";

    private readonly Dictionary<int, (long Length, TaskCells Cells)> _seen = [];
    private Dictionary<string, HashSet<int>>? _planned;

    /// <summary>Where networks and images are that the tasks share.</summary>
    public string Cache =>
        Plan.CacheFolder ?? System.IO.Path.Combine(Path, RunDirectory.CacheFolder);

    /// <summary>Numbers of all tasks, from 1.</summary>
    public IEnumerable<int> Numbers => Enumerable.Range(1, Plan.Tasks);

    /// <summary>Cells in all; those that two targets share count once.</summary>
    public int CellCount => Planned.Count;

    private Dictionary<string, HashSet<int>> Planned => _planned ??= new StudyPlan(Study).Jobs()
        .GroupBy(c => c.Key, c => Shard.IndexOf(c.Job, Plan.Tasks))
        .ToDictionary(c => c.Key, c => c.ToHashSet());

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is none, or damaged.</exception>
    public static SubmittedRun Read(string path)
    {
        FoundFolder.Check(path);
        Submission plan = Submission.Read(path)
            ?? throw new RequestException(
                $"{path}: holds no submitted run ({Submission.FileName} is missing)"
                    + (LoadedRun.IsRun(path)
                        ? "; 'qsim ls' says how far another run is"
                        : ""));
        return new(path, plan, LoadedRun.Read(path).Study);
    }

    /// <summary>The folder of a task.</summary>
    public string FolderOf(int task) => System.IO.Path.Combine(Path, TaskFolder, NameOf(task));

    /// <summary>What a task is called in names of files.</summary>
    public static string NameOf(int task) => task.ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>What a task has measured so far.</summary>
    public TaskCells CellsOf(int task)
    {
        string folder = FolderOf(task);
        long length = new FileInfo(System.IO.Path.Combine(folder, CellStore.FileName)) is
        { Exists: true } file
            ? file.Length
            : -1;
        if (_seen.TryGetValue(task, out var seen) && seen.Length == length) return seen.Cells;
        int planned = Planned.Count(p => p.Value.Contains(task));
        int done = length <= 0
            ? 0
            : CellStore.Read(folder).All.Count(
                c => Planned.TryGetValue(c.Key, out HashSet<int>? of) && of.Contains(task));
        var cells = new TaskCells(task, planned, done);
        _seen[task] = (length, cells);
        return cells;
    }

    /// <summary>Cells that tasks have measured; those of two tasks count once.</summary>
    public int DoneCount => Parts().SelectMany(p => p.Store.All).Select(c => c.Key).Distinct()
        .Count(Planned.ContainsKey);

    /// <summary>All tasks.</summary>
    public IReadOnlyList<TaskCells> Tasks() => [.. Numbers.Select(CellsOf)];

    /// <summary>What tasks have left in their folders.</summary>
    public IReadOnlyList<LoadedRun> Parts() =>
        [
            .. Numbers.Select(FolderOf)
                .Where(f => File.Exists(System.IO.Path.Combine(f, RunDirectory.StudyFile)))
                .Select(f => new LoadedRun(f, Study, CellStore.Read(f, Study))),
        ];
}

/// <summary>How far a task is.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Planned">Its cells.</param>
/// <param name="Done">Of these, how many were measured.</param>
internal sealed record TaskCells(int Number, int Planned, int Done)
{
    /// <summary>Whether it lacks nothing.</summary>
    public bool IsDone => Done >= Planned;
}
