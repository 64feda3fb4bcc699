using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Commands;

/// <summary><c>qsim run --dry-run</c>: what would be done, and for how long.</summary>
internal static class DryRun
{
    /// <summary>How long the trial may take; less where it is not the trial that is tried.
    /// </summary>
    public static TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Says it; leaves nothing on the disk.</summary>
    public static ExitCode Show(
        Screen screen, StudyInputs inputs, SessionOptions options, CancellationToken cancellation)
    {
        ResolvedStudy study = inputs.Resolve();
        using CellStore store = CellStore.Read(
            options.OutputFolder
                ?? (options.Overwrite ? null : RunDirectory.Unfinished(study))
                ?? Path.Combine(RunDirectory.DefaultFolder, "none"),
            study);
        var work = new StudyWork(study, store, new ContentCache(null), options.Shard);
        int missing = work.MissingCount();
        screen.Line($"study {study.Settings.Name}: {string.Join(" x ", Parts(study))}");
        screen.Line($"targets: {string.Join(", ", study.Targets.Select(t => t.Name))}");
        screen.Line(
            $"cells: {work.Total} in all, {missing} to do"
                + (
                    options.Shard == Shard.Whole
                        ? ""
                        : $" in shard {options.Shard.Index}/{options.Shard.Count}")
                + (
                    study.Settings.StopAtChance
                        ? " at most (larger budgets are left out once accuracy is at chance)"
                        : ""));
        if (study.Settings.Certify is { Method: CertifyMethod.Complete } how)
            screen.Line(
                $"certificates: not in the time below; up to {how.Seconds} s for each image that "
                    + "attacks leave and bounds do not prove");
        if (study.Settings.Cost is { } cost)
            screen.Line(
                $"cost: not in the time below; the circuits of {study.Targets.Count - 1} profiles "
                    + $"for {cost.Target}, seconds to minutes each");
        var probe = new TimeProbe(inputs, options.Threads);
        screen.Line(
            probe.Estimate(work, Limit, cancellation) is not { } time
                ? $"time: unknown: a trial takes longer than {Limit.TotalSeconds:F0} s"
            : probe.IsWhole
                ? $"time: about {RemainingTime.InWords(time)} here, by a trial"
            : $"time: about {RemainingTime.InWords(time)} here or more, by a trial that ended "
                + $"after {Limit.TotalSeconds:F0} s");
        return ExitCode.Done;
    }

    private static IEnumerable<string> Parts(ResolvedStudy study) =>
    [
        Count(study.Settings.Seeds.Count, "seed"),
        Count(study.Targets.Count, "target"),
        Count(study.Settings.Threats.Count, "threat model"),
        Count(study.Attacks.Count, "attack"),
        Count(study.Settings.Epsilons.Count(e => e.Value > 0), "epsilon") + ", and clean images",
    ];

    private static string Count(int count, string what) =>
        $"{count} {what}{(count == 1 ? "" : "s")}";
}
