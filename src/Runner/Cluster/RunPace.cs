using System.Diagnostics;
using QSim.Runner.Studies;

namespace QSim.Runner.Cluster;

/// <summary>How fast a run gets on, seen from now on.</summary>
/// <param name="run">The run.</param>
internal sealed class RunPace(SubmittedRun run)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly int _before = run.Tasks().Sum(t => t.Done);
    private readonly int _planned = run.Tasks().Sum(t => t.Planned);
    private IReadOnlyList<TaskCells> _tasks = [];

    /// <summary>What part of all cells is measured.</summary>
    public double Share()
    {
        _tasks = run.Tasks();
        return (double)_tasks.Sum(t => t.Done) / Math.Max(1, _planned);
    }

    /// <summary>The same in words, after <see cref="Share"/>.</summary>
    public string InWords(int running)
    {
        int done = _tasks.Sum(t => t.Done), left = _planned - done;
        string time = done > _before && _clock.Elapsed.TotalSeconds > 2
            ? $", about {RemainingTime.InWords(_clock.Elapsed / (done - _before) * left)} left"
            : "";
        return $"{done} of {_planned} cells, {_tasks.Count(t => t.IsDone)} tasks done, "
            + $"{running} running{time}";
    }
}
