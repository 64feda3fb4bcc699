using QSim.Runner.Reports;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Cluster;

/// <summary>What is happening to a task.</summary>
internal enum TaskState
{
    /// <summary>It lacks nothing.</summary>
    Done,

    /// <summary>Somebody works on it.</summary>
    Running,

    /// <summary>A scheduler has it in its queue.</summary>
    Waiting,

    /// <summary>It began, lacks cells, and nobody works on it.</summary>
    Failed,

    /// <summary>Nobody began it, nor has it in a queue.</summary>
    Missing,
}

/// <summary>One task.</summary>
/// <param name="Number">From 1.</param>
/// <param name="State">What is happening to it.</param>
/// <param name="CellsDone">Cells that it measured.</param>
/// <param name="Cells">Cells that it has.</param>
/// <param name="Detail">What it or its scheduler last said; null for nothing.</param>
internal sealed record TaskStatus(
    int Number, TaskState State, int CellsDone, int Cells, string? Detail);

/// <summary>How far a submitted run is.</summary>
internal sealed record RunStatus
{
    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/status/1";

    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>Whether results and report of the whole study are there.</summary>
    public required bool Finished { get; init; }

    /// <summary>Cells that were measured.</summary>
    public int CellsDone => Tasks.Sum(t => t.CellsDone);

    /// <summary>Cells of all tasks.</summary>
    public int Cells => Tasks.Sum(t => t.Cells);

    /// <summary>Seconds that the rest may take; null where nothing works or nothing is known.
    /// </summary>
    public required double? SecondsLeft { get; init; }

    /// <summary>Every task.</summary>
    public required IReadOnlyList<TaskStatus> Tasks { get; init; }

    /// <summary>Looks at a run's folder, and at Slurm's queue where that has it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="note">Told what could not be asked.</param>
    public static RunStatus Of(SubmittedRun run, Action<string> note)
    {
        ILookup<int, SlurmJob> queue = Queue(run, note)
            .Where(j => j.Task is not null).ToLookup(j => j.Task!.Value);
        IReadOnlyDictionary<int, string> ends = IsOfSlurm(run) ? SlurmAccounts.Ends(run)
            : new Dictionary<int, string>();
        TaskStatus[] tasks =
        [
            .. run.Tasks().Select(t => Ended(
                Of(run, t, [.. queue[t.Number]]), ends.GetValueOrDefault(t.Number))),
        ];
        return new()
        {
            Run = run.Path,
            Study = run.Study.Settings.Name,
            Finished = LoadedRun.StatusOf(run.Path) == Manifest.Finished,
            Tasks = tasks,
            SecondsLeft = Left(run, tasks),
        };
    }

    private static bool IsOfSlurm(SubmittedRun run) =>
        File.Exists(Path.Combine(run.Path, SlurmScript.Folder, SlurmScript.FileName));

    /// <summary>With the scheduler's word for an end that was not a good one.</summary>
    private static TaskStatus Ended(TaskStatus task, string? end) =>
        end is null || task.State is not (TaskState.Failed or TaskState.Missing) ? task
        : task with
        {
            State = TaskState.Failed,
            Detail = string.IsNullOrEmpty(task.Detail) ? end : $"{end}; {task.Detail}",
        };

    private static IReadOnlyList<SlurmJob> Queue(SubmittedRun run, Action<string> note)
    {
        if (!IsOfSlurm(run)) return [];
        try
        {
            return SlurmQueue.Of(run);
        }
        catch (RequestException e)
        {
            note($"{e.Message}; the run's folder alone tells");
            return [];
        }
    }

    private static TaskStatus Of(SubmittedRun run, TaskCells cells, SlurmJob[] jobs)
    {
        string folder = run.FolderOf(cells.Number);
        bool isThere = Directory.Exists(folder);
        (TaskState state, string? detail) =
            cells.IsDone ? (TaskState.Done, (string?)null)
            : jobs.FirstOrDefault(j => j.IsRunning) is not null ? (TaskState.Running, null)
            : jobs.FirstOrDefault(j => j.IsWaiting) is { } job ? (TaskState.Waiting, job.Reason)
            : isThere && FolderLock.LooksAlive(folder) ? (TaskState.Running, null)
            : TaskLog.LastLine(run, cells.Number) is { } said ? (TaskState.Failed, said)
            : (isThere ? TaskState.Failed : TaskState.Missing, null);
        return new(cells.Number, state, cells.Done, cells.Planned, detail);
    }

    /// <summary>At the pace of tasks so far, shared among those that run.</summary>
    private static double? Left(SubmittedRun run, TaskStatus[] tasks)
    {
        int running = tasks.Count(t => t.State == TaskState.Running);
        double seconds = 0, cells = 0;
        foreach (TaskStatus task in tasks.Where(t => t.CellsDone > 0))
        {
            string folder = run.FolderOf(task.Number);
            if (RunDirectory.Open(folder).Read(RunDirectory.ManifestFile) is not { } text
                || Manifest.StartedOf(text) is not { } started)
                continue;
            DateTime last = File.GetLastWriteTimeUtc(Path.Combine(folder, CellStore.FileName));
            // Of a task that was begun again, what was measured since.
            int since = task.CellsDone - Manifest.CellsBeforeOf(text);
            if (last <= started.UtcDateTime || since <= 0) continue;
            seconds += (last - started.UtcDateTime).TotalSeconds;
            cells += since;
        }

        return running == 0 || cells == 0
            ? null
            : Math.Round(
                seconds / cells * tasks.Sum(t => t.Cells - t.CellsDone) / running, 1);
    }
}
