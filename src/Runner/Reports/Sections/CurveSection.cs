using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>Accuracy over the size of the budget: the worst attack first, then each attack by itself.</summary>
public static class CurveSection
{
    /// <summary>Profiles in one picture, beside the float network.</summary>
    private const int MostInOne = 5;

    /// <summary>The section; null while no attack was measured.</summary>
    public static ReportSection? Of(ReportData data)
    {
        var blocks = new List<ReportBlock>();
        foreach ((ThreatModel threat, string attack) in data.AttackRows) blocks.AddRange(Row(data, threat, attack));
        return blocks.Count == 0 ? null : new("curves", "Accuracy under attack", blocks);
    }

    private static IEnumerable<ReportBlock> Row(ReportData data, ThreatModel threat, string attack)
    {
        AccuracyCell[] cells = [.. data.Cells.Where(c => c.Threat is null || (c.Threat == threat && c.Attack == attack))];
        yield return new Subheading($"{Name(attack)}, threat model {Words.Lower(threat)}");
        string[][] parts = data.Profiles.Count == 0 ? [[]] : [.. data.Profiles.Chunk(MostInOne)];
        foreach ((int part, string[] profiles) in parts.Index())
        {
            string id = $"curve-{Words.Lower(threat)}-{attack}-{part + 1}";
            if (Chart(data, cells, threat, attack, profiles, id) is { } chart)
                yield return new Figure(chart.Draw(), Caption(data, attack, part, parts.Length));
        }

        yield return AccuracyTables.Of(data, cells, threat, attack);
    }

    private static LineChart? Chart(
        ReportData data, AccuracyCell[] cells, ThreatModel threat, string attack, string[] profiles, string id)
    {
        string[] targets = [AccuracyCell.FloatTarget, .. profiles];
        Curve[] curves =
        [
            .. targets.Select((t, i) => new Curve(t, new Style(i), Points(data, [.. cells.Where(c => c.Target == t)])))
                .Where(c => c.Points.Count > 1),
        ];
        if (curves.Length == 0) return null;
        var marks =
            from profile in profiles.Index()
            from c in data.Results.Crossovers
            where c.Threat == threat && c.Attack == attack && c.Profile == profile.Item
            select new AxisMark(
                c.Profile, new Style(profile.Index + 1), c.Epsilon, c.Low95, c.High95,
                c.Epsilon is null ? $"{c.Profile} does not cross float" : new Crossings(data).Sentence(c));
        return new()
        {
            Id = id,
            Title = $"Accuracy under {Name(attack)}, threat model {Words.Lower(threat)}",
            XLabel = "epsilon (L-infinity, pixels in [0, 1])",
            Curves = curves,
            Marks = [.. marks],
        };
    }

    /// <summary>Means over seeds, with the range over them; of one seed, the Wilson interval.</summary>
    private static List<CurvePoint> Points(ReportData data, AccuracyCell[] cells) =>
    [
        .. from cell in cells
           group cell by cell.EpsilonValue into seeds
           orderby seeds.Key
           let first = seeds.First()
           let spread = Spread.Of([.. seeds.Select(c => c.Accuracy)])
           select data.HasSeeds
               ? new CurvePoint(
                   seeds.Key, spread.Mean, spread.Lowest, spread.Highest,
                   $"{first.Target} at {first.Epsilon}: {Words.Percent(spread.Mean)} %, " +
                   $"{Words.Percent(spread.Lowest)} to {Words.Percent(spread.Highest)} over {Words.Plural(spread.Count, "seed")}")
               : new CurvePoint(
                   seeds.Key, first.Accuracy, first.Low95, first.High95,
                   $"{first.Target} at {first.Epsilon}: {Words.Percent(first.Correct, first.Images)}, " +
                   $"95 % interval {Words.Percent(first.Low95)} to {Words.Percent(first.High95)}"),
    ];

    private static string Caption(ReportData data, string attack, int part, int parts)
    {
        string band = data.HasSeeds
            ? $"Lines are means over {data.Study.Settings.Seeds.Count} seeds, bands the range over them"
            : "Bands are 95 % Wilson intervals";
        string of = parts > 1 ? $" Part {part + 1} of {parts}; the float network is in each." : "";
        string worst = attack == AccuracyCell.WorstAttack
            ? $" Worst: an image counts only where {Words.List(data.Study.Attacks)} all fail on it." : "";
        return $"Accuracy on {data.Study.Settings.Images} test images over the budget.{worst} {band}. Below the axis: where each " +
            $"profile's curve first crosses the float one, with its bootstrap interval; an arrow: no end is known.{of}";
    }

    private static string Name(string attack) => attack == AccuracyCell.WorstAttack ? "worst attack" : attack;
}
