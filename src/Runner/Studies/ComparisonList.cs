using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>
/// Pairs of targets, tested image by image on clean images and under the worst attack (or the only
/// one), with Holm's correction over all of the study's comparisons.
/// </summary>
internal static class ComparisonList
{
    /// <summary>Every comparison that the study asks for and the outcomes allow.</summary>
    public static IReadOnlyList<Comparison> Of(
        ResolvedStudy study, IReadOnlyList<TargetOutcome> outcomes)
    {
        (string First, string Second)[] pairs = [.. Pairs(study)];
        var compared = outcomes.Where(o =>
            o.Address.Threat is null
            || study.Attacks.Count == 1
            || o.Address.Attack == AccuracyCell.WorstAttack);
        var comparisons = new List<Comparison>();
        foreach (var row in compared.GroupBy(o => o.Address with { Target = "" }))
        {
            Dictionary<string, string> byTarget = row.ToDictionary(
                o => o.Address.Target, o => o.Outcomes);
            foreach ((string first, string second) in pairs)
            {
                if (!byTarget.ContainsKey(first) || !byTarget.ContainsKey(second)) continue;
                McNemar test = McNemar.Of(byTarget[first], byTarget[second]);
                comparisons.Add(
                    new(
                        row.Key.Seed, row.Key.Threat, row.Key.Attack, row.Key.Epsilon.ToString(),
                        first, second, test.OnlyFirst, test.OnlySecond, test.ExactP(), 1));
            }
        }

        double[] adjusted = Holm.Adjust([.. comparisons.Select(c => c.P)]);
        return [.. comparisons.Select((c, i) => c with { PHolm = adjusted[i] })];
    }

    private static IEnumerable<(string First, string Second)> Pairs(ResolvedStudy study)
    {
        IReadOnlyList<ResolvedTarget> targets = study.Targets;
        for (int i = 0; i < targets.Count; i++)
            for (int j = i + 1; j < targets.Count; j++)
                if (IsWanted(study.Settings.Compare, targets[i], targets[j]))
                    yield return (targets[i].Name, targets[j].Name);
    }

    private static bool IsWanted(string compare, ResolvedTarget first, ResolvedTarget second) =>
        compare switch
        {
            AccuracyCell.FloatTarget => first.Name == AccuracyCell.FloatTarget,
            "all" => true,
            _ => first.Profile == second.Profile
                && first.Point.Count > 0
                && first
                    .Point.Zip(second.Point)
                    .All(p => (p.First.Value != p.Second.Value) == (p.First.Key == compare)),
        };
}
