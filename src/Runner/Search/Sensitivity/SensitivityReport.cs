using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Sections;

namespace QSim.Runner.Search.Sensitivity;

/// <summary>What narrowing costs, in no particular format.</summary>
/// <param name="results">What was found.</param>
/// <param name="profile">The profile's name.</param>
internal sealed class SensitivityReport(SensitivityResults results, string profile)
{
    private static readonly string[] Stages =
        ["weight", "activation", "product", "accumulator", "table"];

    public ReportDocument Document() => new(
        $"{profile}: what one bit less costs",
        $"{results.Study.Network} on {results.Study.Dataset}, {results.Study.Images} test images; "
            + "each stage of each layer by itself, all others as they are",
        [
            new("result", "Result",
            [
                .. Lead().Select(l => new Paragraph(l) { Emphasis = Emphasis.Lead }),
                .. Charts(),
                Table(),
                new Paragraph(
                    "Lost: the profile's own accuracy less the narrower one's on the same images, "
                        + "with Tango's paired score interval; the intervals of all rows hold "
                        + "together with 95 % (Bonferroni). p: McNemar's exact test, corrected by "
                        + "Holm for all rows. A table loses half of its entries."),
                .. results.Impossible.Count > 0
                    ? [new Subheading("Not possible"), new Bullets(results.Impossible)]
                    : Array.Empty<ReportBlock>(),
            ]),
        ]);

    /// <summary>The sentences to take away.</summary>
    public IEnumerable<string> Lead()
    {
        string points = SweepWords.Points(results.Study.Points);
        if (results.Stages.Count == 0)
        {
            yield return "No stage of any layer can be narrower.";
            yield break;
        }

        StageLoss worst = results.Stages.MaxBy(s => s.LostPoints)!;
        yield return $"Costliest bit: {worst.Layers} {worst.Stage} ({worst.Change}) costs "
            + $"{SearchWords.Figure(worst.LostPoints)} points ({Interval(worst)}) of "
            + $"{worst.Figure}.";
        foreach (var stage in results.Stages.GroupBy(s => s.Stage))
        {
            string[] bearing =
            [
                .. stage.GroupBy(s => s.Layers)
                    .Where(l => l.All(s => s.LostPoints <= results.Study.Points + 1e-9))
                    .Select(l => l.Key),
            ];
            if (bearing.Length == 0) continue;
            StageLoss? joint = results.Together.Where(t => t.Stage == stage.Key)
                .MaxBy(t => t.LostPoints);
            yield return $"One bit less of {stage.Key} costs at most {points} in "
                + $"{Words.List(bearing)}"
                + (joint is null
                    ? "."
                    : $"; in these together {SearchWords.Figure(joint.LostPoints)} points "
                        + $"({Interval(joint)}) of {joint.Figure}"
                        + Shared(stage.Key, joint));
        }
    }

    /// <summary>Whether layers can share a narrower unit: shown, as measured, or not.</summary>
    private string Shared(string stage, StageLoss worst)
    {
        if (worst.LostPoints > results.Study.Points + 1e-9)
            return ": they cannot share a narrower unit.";
        return results.Together.Where(t => t.Stage == stage)
            .All(t => t.LostHigh95 <= results.Study.Points)
            ? ": shown to be able to share a narrower unit."
            : ": as measured they can share a narrower unit; more images would show it.";
    }

    /// <summary>Everything, from the costliest on.</summary>
    public Table Table() => new(
        "What one bit less costs, in points of accuracy, from the costliest on",
        ["layer", "stage", "bits", "accuracy", "lost", "from", "to", "p (Holm)"],
        [
            .. results.Stages.Concat(results.Together).OrderByDescending(s => s.LostPoints)
                .Select(s => (Cell[])
                [
                    s.Layers, s.Stage, s.Change.Length > 0 ? s.Change : "together", s.Figure,
                    Points(s.LostPoints), Points(s.LostLow95), Points(s.LostHigh95),
                    Cell.Number(Words.Probability(s.PHolm), s.PHolm),
                ]),
        ])
    {
        Title = "one bit less",
        KeyColumns = 3,
    };

    private IEnumerable<Figure> Charts() =>
        from figure in results.Stages.GroupBy(s => s.Figure)
        let chart = new BarChart
        {
            Id = $"sensitivity-{figure.Key}".Replace(' ', '-'),
            Title = $"Points of {figure.Key} accuracy that one bit less costs",
            XLabel = $"points of {figure.Key} lost",
            Bars =
            [
                .. figure.OrderByDescending(s => s.LostPoints).Select(s => new Bar(
                    $"{s.Layers} {s.Stage}", s.LostPoints, s.LostLow95, s.LostHigh95,
                    1 + Array.IndexOf(Stages, s.Stage))),
            ],
        }
        select new Figure(
            chart.Draw(),
            $"{figure.Key}: points lost where one stage of one layer has one bit less; the line is "
                + "the interval. Colours tell stages apart.")
        {
            Plot = chart.Data(),
        };

    private static string Interval(StageLoss loss) =>
        $"{SearchWords.Figure(loss.LostLow95)} to {SearchWords.Figure(loss.LostHigh95)}";

    private static Cell Points(double points) =>
        Cell.Number(SearchWords.Figure(Math.Round(points, 2)), points);
}
