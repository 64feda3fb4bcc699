using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Examples;

/// <summary>
/// Which images to show: for each of the first profiles one that breaks it and not the float
/// network, and one the other way round, as far as there are such, at the budget where most images
/// tell the two apart.
/// </summary>
internal static class ExampleChoice
{
    private const int MostProfiles = 4;
    private const int Most = 6;

    /// <summary>Chosen from outcomes alone, those of the first seed and threat model.</summary>
    public static IReadOnlyList<WantedExample> Of(
        ResolvedStudy study, IReadOnlyList<TargetOutcome> outcomes)
    {
        TargetOutcome[] attacked =
        [
            .. outcomes.Where(o => o.Address.Seed == study.Settings.Seed && !o.IsWorst
                && o.Address.Threat == study.Settings.Threats[0]),
        ];
        string[] profiles =
        [
            .. study
                .Targets.Select(t => t.Name)
                .Where(n => n != AccuracyCell.FloatTarget)
                .Take(MostProfiles),
        ];
        Dictionary<string, string> clean = outcomes
            .Where(o => o.Address.Threat is null && o.Address.Seed == study.Settings.Seed)
            .ToDictionary(o => o.Address.Target, o => o.Outcomes);
        WantedExample?[] wanted =
        [
            .. profiles.Select(p => Find(attacked, clean, p, AccuracyCell.FloatTarget)),
            .. profiles.Select(p => Find(attacked, clean, AccuracyCell.FloatTarget, p)),
        ];
        return [.. wanted.OfType<WantedExample>().Take(Most)];
    }

    /// <summary>The budget with the most such images, and the first of them.</summary>
    private static WantedExample? Find(
        TargetOutcome[] attacked, Dictionary<string, string> clean, string broken, string standing)
    {
        ILookup<CellAddress, TargetOutcome> of = attacked.ToLookup(o =>
            o.Address with
            {
                Target = "",
            });
        var candidates =
            from row in of
            let first = row.FirstOrDefault(o => o.Address.Target == broken)
            let second = row.FirstOrDefault(o => o.Address.Target == standing)
            where first is not null && second is not null
            let images = Enumerable.Range(0, first.Outcomes.Length).Where(i =>
                clean[broken][i] == '1' && clean[standing][i] == '1'
                && first.Outcomes[i] == '0' && second.Outcomes[i] == '1').ToArray()
            where images.Length > 0
            orderby images.Length descending
            select new WantedExample(first.Address, standing, images[0]);
        return candidates.FirstOrDefault();
    }
}
