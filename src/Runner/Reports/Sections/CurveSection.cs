using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// Accuracy over the size of the budget: the worst attack first, then each attack by itself.
/// </summary>
internal static class CurveSection
{
    /// <summary>Profiles in one picture, beside the float network.</summary>
    private const int MostInOne = 5;

    /// <summary>The section; null while no attack was measured.</summary>
    public static ReportSection? Of(ReportData data)
    {
        var blocks = new List<ReportBlock>();
        foreach (var threat in data.AttackRows.GroupBy(r => r.Threat, r => r.Attack))
        {
            string[] others = [.. threat.Where(a => a != data.DecidingAttack)];
            if (others.Length < threat.Count()) blocks.AddRange(Deciding(data, threat.Key));
            if (others.Length > 0) blocks.AddRange(Others(data, threat.Key, others));
        }

        return blocks.Count == 0 ? null : new("curves", "Accuracy under attack", blocks);
    }

    private static IEnumerable<ReportBlock> Deciding(ReportData data, ThreatModel threat)
    {
        string attack = data.DecidingAttack;
        bool isMuch = data.Study.Settings.Sweep.Count > 0 && data.Profiles.Count > MostInOne;
        string[] shown = isMuch
            ? [.. InterestingProfiles.Of(data, threat, MostInOne)]
            : [.. data.Profiles];
        Figure[] figures = [.. Figures(data, threat, attack, shown, isSmall: false)];
        yield return new Subheading($"{Name(attack)}, threat model {EnumWord.Of(threat)}");
        if (figures.Length > 0)
            yield return figures.Length == 1 ? figures[0] : new Gallery(figures);
        Figure[] rest = isMuch
            ? [.. Figures(
                data, threat, attack, [.. data.Profiles.Except(shown)], isSmall: true, "rest-")]
            : [];
        if (rest.Length > 0)
            yield return new Folded(
                $"Every other profile ({Words.Plural(rest.Length, "picture")})",
                [new Gallery(rest)]);
        yield return AccuracyTables.Of(data, threat, attack);
    }

    private static IEnumerable<ReportBlock> Others(
        ReportData data, ThreatModel threat, string[] attacks)
    {
        yield return new Subheading($"Each attack by itself, threat model {EnumWord.Of(threat)}");
        string[] all = [.. data.Profiles];
        Figure[] figures =
            [.. attacks.SelectMany(a => Figures(data, threat, a, all, isSmall: true))];
        if (figures.Length > 0)
            yield return data.Study.Settings.Sweep.Count > 0
                ? new Folded(
                    $"Curves ({Words.Plural(figures.Length, "picture")})", [new Gallery(figures)])
                : new Gallery(figures);
        foreach (string attack in attacks)
            yield return AccuracyTables.Of(data, threat, attack);
    }

    private static IEnumerable<Figure> Figures(
        ReportData data, ThreatModel threat, string attack, string[] profiles, bool isSmall,
        string id = "")
    {
        string[][] parts = profiles.Length == 0 ? [[]] : [.. profiles.Chunk(MostInOne)];
        AccuracyCell[] cells = AccuracyTables.Cells(data, threat, attack);
        return
            from part in parts.Index()
            let name = $"curve-{id}{EnumWord.Of(threat)}-{attack}-{part.Index + 1}"
            let chart = Chart(data, cells, threat, attack, part.Item, name)
            where chart is not null
            select new Figure(
                (chart with { IsSmall = isSmall || parts.Length > 1 }).Draw(),
                Caption(data, attack, part.Index, parts.Length))
            {
                Plot = chart.Data(),
            };
    }

    private static LineChart? Chart(
        ReportData data, AccuracyCell[] cells, ThreatModel threat, string attack, string[] profiles,
        string id)
    {
        string[] targets = [AccuracyCell.FloatTarget, .. profiles];
        Curve[] curves =
        [
            .. targets
                .Select(
                    (t, i) =>
                        new Curve(
                            t, new Style(i), Points(data, [.. cells.Where(c => c.Target == t)])))
                .Where(c => c.Points.Count > 1),
        ];
        if (curves.Length == 0) return null;
        if (attack == data.DecidingAttack) curves = [.. curves, .. Proved(data, profiles)];
        var marks =
            from profile in profiles.Index()
            from c in data.Results.Crossovers
            where c.Threat == threat && c.Attack == attack && c.Profile == profile.Item
            select new AxisMark(
                c.Profile,
                new Style(profile.Index + 1),
                c.Epsilon,
                c.Low95,
                c.High95,
                c.Epsilon is null
                    ? $"{c.Profile} does not cross float"
                    : new Crossings(data).Sentence(c));
        return new()
        {
            Id = id,
            Title = $"Accuracy, {Name(attack)}, threat model {EnumWord.Of(threat)}",
            XLabel = data.XLabel,
            Curves = curves,
            Marks = [.. marks],
        };
    }

    /// <summary>
    /// Under the curve of attacks what is proved, and between the two what is undecided.
    /// </summary>
    private static IEnumerable<Curve> Proved(ReportData data, string[] profiles) =>
        data.HasSeeds
            ? []
            : from profile in profiles.Index()
              let figures = data.Results.Certificates
                  .Where(c => c.Profile == profile.Item && c.WhyNot is null)
                  .OrderBy(c => c.EpsilonValue)
                  .ToArray()
              where figures.Length > 0
              select new Curve(
                  $"{profile.Item}, proved", new Style(profile.Index + 1),
                  [.. figures.Select(f => new CurvePoint(
                      f.EpsilonValue, f.ProvedAccuracy, f.ProvedAccuracy, f.AttackedAccuracy,
                      $"{f.Profile}: {f.Line}"))])
              {
                  IsProved = true,
              };

    private static List<CurvePoint> Points(ReportData data, AccuracyCell[] cells) =>
        [
            .. from cell in cells
            group cell by cell.EpsilonValue into seeds
            orderby seeds.Key
            select AccuracyPoint.Of(data, seeds.Key, [.. seeds]),
        ];

    private static string Caption(ReportData data, string attack, int part, int parts)
    {
        string band = data.HasSeeds
            ? $"Lines are means over {data.Study.Settings.Seeds.Count} seeds, bands the range over "
                + "them"
            : "Bands are 95 % Wilson intervals";
        string of = parts > 1 ? $" Part {part + 1} of {parts}; the float network is in each." : "";
        string worst =
            attack == AccuracyCell.WorstAttack
                ? $" Worst: an image counts only where {Words.List(data.Study.Attacks)} "
                    + $"{(data.Study.Attacks.Count == 2 ? "both" : "all")} fail on it."
                : "";
        bool hasProved = attack == data.DecidingAttack && !data.HasSeeds
            && data.Results.Certificates.Count > 0;
        string proved = hasProved
            ? " Broken lines are proved: no attack gets below them; the band above one is what is "
                + "undecided."
            : "";
        string marks =
            part + parts > 1 || attack != data.DecidingAttack
                ? "Below the axis: crossings with float and their intervals."
                : "Below the axis: where a profile's curve first crosses the float one, with its "
                    + "bootstrap interval; an arrow: no end is known.";
        return $"{Name(attack)}: accuracy on {data.Study.Settings.Images} test images over the "
            + $"budget.{worst} {band}.{proved} {marks}{of}";
    }

    private static string Name(string attack) =>
        attack == AccuracyCell.WorstAttack ? "Worst attack" : attack;
}
