using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>The crossovers that outcomes show.</summary>
internal static class CrossoverList
{
    /// <summary>
    /// One per threat model, attack and profile, over the budgets that both the profile and the
    /// float network met with every seed; accuracies are means over the seeds.
    /// </summary>
    public static IReadOnlyList<CrossoverPoint> Of(
        ResolvedStudy study, IReadOnlyList<TargetOutcome> outcomes)
    {
        if (outcomes.Count == 0) return [];
        var bootstrap = new CrossoverBootstrap(study.Settings.Seed, outcomes[0].Outcomes.Length);
        ILookup<string, TargetOutcome> byTarget = outcomes.ToLookup(o => o.Address.Target);
        var attacked = outcomes.Where(o => o.Address.Threat is not null)
            .Select(o => (Threat: o.Address.Threat!.Value, o.Address.Attack)).Distinct();
        return
        [
            .. from row in attacked
            let reference = Curve(
                byTarget[AccuracyCell.FloatTarget], row, study.Settings.Seeds.Count)
            from target in study.Targets
            where target.Name != AccuracyCell.FloatTarget
            let e = Estimate(
                bootstrap, Curve(byTarget[target.Name], row, study.Settings.Seeds.Count), reference)
            select new CrossoverPoint(
                row.Threat, target.Name, row.Attack, e.Epsilon, e.Low95, e.High95, e.WithCrossing),
        ];
    }

    private static CrossoverEstimate Estimate(
        CrossoverBootstrap bootstrap, SortedList<double, float[]> curve,
        SortedList<double, float[]> reference)
    {
        double[] common = [.. curve.Keys.Where(reference.ContainsKey)];
        return bootstrap.Estimate(
            common, [.. common.Select(e => curve[e])], [.. common.Select(e => reference[e])]);
    }

    private static SortedList<double, float[]> Curve(
        IEnumerable<TargetOutcome> outcomes, (ThreatModel Threat, string Attack) row, int seeds) =>
        new(
            outcomes
                .Where(o =>
                    o.Address.Threat is null
                    || (o.Address.Threat == row.Threat && o.Address.Attack == row.Attack))
                .GroupBy(o => o.Address.Epsilon.Value)
                .Where(g => g.Count() == seeds)
                .ToDictionary(g => g.Key, g => Mean([.. g.Select(o => o.Outcomes)])));

    private static float[] Mean(string[] outcomes)
    {
        float[] mean = new float[outcomes[0].Length];
        for (int i = 0; i < mean.Length; i++)
            mean[i] = outcomes.Count(o => o[i] == '1') / (float)outcomes.Length;
        return mean;
    }
}
