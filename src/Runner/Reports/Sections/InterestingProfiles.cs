using QSim.Attacks.Evaluation;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>Of many profiles the few whose curves one looks at first.</summary>
internal static class InterestingProfiles
{
    /// <summary>
    /// The best and the worst in the mean over budgets, then those that cross the float network's
    /// curve, clear crossings first; in the study's order.
    /// </summary>
    /// <param name="data">The report's data.</param>
    /// <param name="threat">What the attacker knew.</param>
    /// <param name="most">How many at most, two at least.</param>
    public static IEnumerable<string> Of(ReportData data, ThreatModel threat, int most)
    {
        Dictionary<string, double> means = data.Cells
            .Where(c => c.Threat == threat && c.Attack == data.DecidingAttack)
            .Where(c => c.Target != AccuracyCell.FloatTarget)
            .GroupBy(c => c.Target)
            .ToDictionary(g => g.Key, g => g.Average(c => c.Accuracy));
        if (means.Count == 0) return [];
        var crossings = new Crossings(data);
        string[] ranked =
        [
            means.MaxBy(m => m.Value).Key,
            means.MinBy(m => m.Value).Key,
            .. data.Results.Crossovers
                .Where(c => c.Threat == threat && c.Attack == data.DecidingAttack)
                .Where(c => c.Epsilon is not null)
                .OrderByDescending(c => crossings.IsClear(c) == true)
                .ThenByDescending(c => c.WithCrossing)
                .Select(c => c.Profile),
        ];
        HashSet<string> chosen = [.. ranked.Distinct().Take(most)];
        return data.Profiles.Where(chosen.Contains);
    }
}
