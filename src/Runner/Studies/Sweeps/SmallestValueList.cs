using MathNet.Numerics.Distributions;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>
/// The smallest values of every swept key that is a number, against float and against the largest
/// value, on clean images and under the worst attack (or the only one) at each budget.
/// </summary>
internal static class SmallestValueList
{
    private const double Level = 0.05;

    /// <summary>
    /// In the study's order; null where it sweeps no numbers. The intervals of all of them hold
    /// together with 95 %: each is made at 5 % over their number (Bonferroni).
    /// </summary>
    /// <param name="study">The study.</param>
    /// <param name="outcomes">What became of each image.</param>
    /// <param name="layers">What layers need by proof.</param>
    /// <param name="events">What was counted.</param>
    public static IReadOnlyList<SmallestValue>? Of(
        ResolvedStudy study, IReadOnlyList<TargetOutcome> outcomes,
        IReadOnlyList<LayerFacts> layers, IReadOnlyList<StageCount> events)
    {
        if (study.Settings.Sweep.Count == 0) return null;
        var grid = new SweepGrid(study);
        var overflows = new SweepOverflows(layers, events);
        Budget[] budgets = [.. Compared(study, outcomes)];
        Row[] rows =
        [
            .. from f in grid.Factors.Index()
               where f.Item.Numbers is not null
               from slice in grid.Slices(f.Index)
               from budget in budgets
               from reference in new[] { AccuracyCell.FloatTarget, SmallestValue.Widest }
               let row = Row.Of(f.Item, slice, budget, reference)
               where row is not null
               select row,
        ];
        double z = Normal.InvCDF(0, 1, 1 - (Level / 2 / Math.Max(1, rows.Length)));
        return
            grid.Factors.All(f => f.Numbers is null)
                ? null
                : [.. rows.Select(r => r.Value(study.Settings.Points, z, overflows))];
    }

    private static IEnumerable<Budget> Compared(
        ResolvedStudy study, IEnumerable<TargetOutcome> outcomes) =>
        outcomes
            .Where(o => o.Address.Threat is null || o.IsWorst || study.Attacks.Count == 1)
            .GroupBy(o => o.Address with { Target = "" })
            .Select(g => new Budget(
                g.Key, g.ToDictionary(o => o.Address.Target, o => o.Outcomes)));

    /// <summary>What became of each image of each target at one budget.</summary>
    private sealed record Budget(CellAddress Address, Dictionary<string, string> By);

    /// <summary>One slice under one budget, against one reference.</summary>
    private sealed record Row(
        SweepFactor Factor, string Others, string[] Targets, CellAddress Address,
        string Reference, string ReferenceOutcomes, PairedDifference?[] Losses)
    {
        /// <summary>Null while something of it is missing.</summary>
        public static Row? Of(
            SweepFactor factor, (string Others, string[] Targets) slice,
            Budget budget, string reference)
        {
            Dictionary<string, string> by = budget.By;
            string with = reference == SmallestValue.Widest ? slice.Targets[^1] : reference;
            if (!by.TryGetValue(with, out string? right) || !slice.Targets.All(by.ContainsKey))
                return null;
            return new(
                factor, slice.Others, slice.Targets, budget.Address, reference, right,
                [
                    .. slice.Targets.Select(t => t == with
                        ? (PairedDifference?)null
                        : PairedDifference.Of(right, by[t])),
                ]);
        }

        public SmallestValue Value(double points, double z, SweepOverflows overflows)
        {
            SmallestWithin found = SmallestWithin.Of(Losses, points / 100, z);
            PairedDifference? loss = found.Measured is { } at ? Losses[at] : null;
            Interval? interval = loss?.Within(z);
            ulong seed = Address.Seed;
            return new(
                seed, Address.Threat, Address.Attack, Address.Epsilon.ToString(),
                Address.Epsilon.Value, Factor.Key, Others, Reference,
                (double)ReferenceOutcomes.Count(o => o == '1') / ReferenceOutcomes.Length, points,
                Level(found.Measured), Level(found.Low), Level(found.High), 100 * loss?.Value,
                100 * interval?.Low, 100 * interval?.High,
                Level(overflows.Never(seed, Targets)),
                Level(overflows.NotInCalibration(seed, Targets)),
                Level(overflows.NoneCounted(seed, Targets)));
        }

        private string? Level(int? index) => index is { } i ? Factor.Levels[i] : null;
    }
}
