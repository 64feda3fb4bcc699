using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Cluster;

/// <summary>Into how many tasks a study is cut, so that each runs minutes, not seconds.</summary>
/// <param name="study">The study.</param>
/// <param name="threads">Most threads of a task.</param>
internal sealed class Packing(StudyInputs study, int threads)
{
    /// <summary>What a task should take at least: starting one takes seconds.</summary>
    public static readonly TimeSpan Task = TimeSpan.FromMinutes(5);

    private const int Usual = 1000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);

    /// <summary>The number of tasks, and why so many.</summary>
    /// <param name="atLeast">As many as can work at once.</param>
    /// <param name="cancellation">Stops the trial.</param>
    public (int Tasks, string Reason) Choose(int atLeast, CancellationToken cancellation)
    {
        ResolvedStudy resolved = study.Resolve();
        int jobs = Jobs(resolved);
        using CellStore none = CellStore.Read(
            Path.Combine(Reports.RunDirectory.DefaultFolder, "none"));
        var work = new StudyWork(resolved, none, new ContentCache(null), Shard.Whole);
        TimeSpan? time = new TimeProbe(study, threads).Estimate(work, Limit, cancellation);
        if (time is not { } whole)
            return (Math.Min(jobs, Usual), "one for each part: a trial did not end in time");
        int wanted = (int)Math.Min(Usual, Math.Ceiling(whole / Task));
        int tasks = Math.Clamp(Math.Max(wanted, atLeast), 1, jobs);
        return (
            tasks,
            $"about {RemainingTime.InWords(whole)} of work here by a trial, about "
                + $"{RemainingTime.InWords(whole / tasks)} each");
    }

    /// <summary>Into how many tasks a study can be cut at most.</summary>
    public static int Jobs(ResolvedStudy study) =>
        new StudyPlan(study).Jobs().Select(j => j.Job).Distinct().Count();
}
