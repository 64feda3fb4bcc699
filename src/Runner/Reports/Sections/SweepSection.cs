using System.Globalization;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports.Sections;

/// <summary>What a sweep shows: accuracy over the swept keys, and how small they may be.</summary>
internal static class SweepSection
{
    /// <summary>Sentences that are set apart.</summary>
    private const int MostLeading = 2;

    /// <summary>Pictures that a page shows unasked.</summary>
    private const int MostOpen = 8;

    /// <summary>The section; null where nothing is swept, or nothing was measured.</summary>
    public static ReportSection? Of(ReportData data)
    {
        if (data.Study.Settings.Sweep.Count == 0 || !data.Cells.Any()) return null;
        var grid = new SweepGrid(data.Study);
        Figure[] curves = [.. new SweepCurves(data, SweepLayout.OfCurves(grid)).Figures()];
        Figure[] maps = SweepLayout.OfMaps(grid) is { } layout
            ? [.. new SweepMaps(data, layout).Figures()]
            : [];
        Figure[] shown = maps.Length > 0 ? maps : curves;
        var blocks = new List<ReportBlock>();
        string[] sentences = [.. SweepWords.Sentences(data)];
        blocks.AddRange(sentences.Take(MostLeading).Select(s =>
            new Paragraph(s) { Emphasis = Emphasis.Lead }));
        if (sentences.Length > MostLeading)
            blocks.Add(new Bullets(sentences[MostLeading..]));
        if (shown.Length > 0) blocks.Add(new Gallery([.. shown.Take(MostOpen)]));
        if (shown.Length > MostOpen)
            blocks.Add(Folded("The same at other budgets and values", shown[MostOpen..]));
        if (maps.Length > 0 && curves.Length > 0)
            blocks.Add(Folded("The same as curves", curves));
        if (data.HasSeeds && SeedTable(data) is { } seeds && Table(data) is { } each)
            blocks.AddRange(
                [seeds, new Folded("Seed by seed, with intervals", [each, Explained(data)])]);
        else if (Table(data) is { } table) blocks.AddRange([table, Explained(data)]);
        return blocks.Count == 0 ? null : new("sweep", "How small can it be?", blocks);
    }

    /// <summary>The smallest values; null where no swept key is a number.</summary>
    /// <param name="data">The report's data.</param>
    /// <param name="isBrief">Without what the sentences above it say.</param>
    public static Table? Table(ReportData data, bool isBrief = false)
    {
        if (data.Results.SmallestValues is not { Count: > 0 } values) return null;
        if (isBrief && data.HasSeeds) return SeedTable(data);
        return new(
            $"The smallest value of each key from which on at most "
                + $"{SweepWords.Points(data.Study.Settings.Points)} of accuracy are lost",
            [
                "key", "others", .. data.HasSeeds ? ["seed"] : Array.Empty<string>(), "under",
                "against", "smallest", "95 %", "points lost",
                .. isBrief
                    ? Array.Empty<string>()
                    : ["no overflow: proof", "calibration", "counted"],
            ],
            [.. values.Select(v => Row(data, v, isBrief))])
        {
            Title = $"smallest values within {SweepWords.Points(data.Study.Settings.Points)}",
            KeyColumns = 2,
        };
    }

    /// <summary>The same over the seeds of the study, each of which trains a network.</summary>
    private static Table? SeedTable(ReportData data) =>
        data.Results.SmallestValues is not { Count: > 0 } values ? null : new(
            $"The smallest value of each key from which on at most "
                + $"{SweepWords.Points(data.Study.Settings.Points)} of accuracy are lost: mean and "
                + $"range over {data.Study.Settings.Seeds.Count} seeds",
            ["key", "others", "under", "against", "mean", "from", "to", "seeds without"],
            [
                .. SmallestOverSeeds.Of(values).Select(v => (Cell[])
                [
                    v.First.Key, v.First.Others, Under(data, v.First), v.First.Reference,
                    Number(v.Found?.Mean), Number(v.Found?.Lowest), Number(v.Found?.Highest),
                    Cell.Number($"{v.Without}", v.Without),
                ]),
            ])
        {
            Title = $"smallest values within {SweepWords.Points(data.Study.Settings.Points)}, over "
                + Words.Plural(data.Study.Settings.Seeds.Count, "seed"),
            KeyColumns = 2,
        };

    private static Cell Number(double? value) => value is { } number
        ? Cell.Number(SmallestOverSeeds.Number(number), number)
        : "none";

    private static string Under(ReportData data, SmallestValue v) => v.Threat is { } threat
        ? $"{v.Attack} {v.Epsilon}"
            + (data.Study.Settings.Threats.Count > 1 ? $", {EnumWord.Of(threat)}" : "")
        : "clean";

    private static Folded Folded(string title, Figure[] figures) =>
        new($"{title} ({Words.Plural(figures.Length, "picture")})", [new Gallery(figures)]);

    private static Cell[] Row(ReportData data, SmallestValue v, bool isBrief) =>
    [
        v.Key, v.Others,
        .. data.HasSeeds ? [Cell.Number($"{v.Seed}", v.Seed)] : Array.Empty<Cell>(),
        Under(data, v),
        v.Reference == AccuracyCell.FloatTarget
            ? v.Reference
            : $"{v.Reference} ({Words.Percent(v.ReferenceAccuracy)})",
        Value(v.Value),
        v.Low95 is null ? "none" : $"{v.Low95} to {v.High95 ?? "?"}",
        Lost(v),
        .. isBrief
            ? Array.Empty<Cell>()
            : [Value(v.NeverOverflows), Value(v.NotInCalibration), Value(v.NoneCounted)],
    ];

    private static Cell Value(string? value) => value is null
        ? "none"
        : Cell.Number(value, double.Parse(value, CultureInfo.InvariantCulture));

    private static Cell Lost(SmallestValue v) => v switch
    {
        { Value: null } => "",
        { LostPoints: { } lost, LostLow95: { } low, LostHigh95: { } high } =>
            Cell.Number(Points(lost), lost) with
            {
                Note = $"{Points(low)} to {Points(high)}",
                Brief = $"{Points(lost)} ({Points(low)} to {Points(high)})",
            },
        _ => "itself",
    };

    private static string Points(double points) =>
        points.ToString("0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static Paragraph Explained(ReportData data) => new(
        "Losses are paired: the same images, float's (or the widest design's) accuracy less the "
            + "design's, with Tango's score interval. The smallest value is that from which on "
            + "every measured loss is within the tolerance. Its interval begins with the first "
            + "value that is not shown to lose more, and ends with the first from which on each "
            + "is shown to lose no more; ? where that is shown of none: more images would tell. "
            + "Each end comes from tests in order that end at the first failure, at 5 % over the "
            + $"{data.Results.SmallestValues!.Count} rows of this table (Bonferroni), so that all "
            + "intervals hold together with 95 %. Beside them: from which value on no accumulator "
            + "overflows, by static proof for any input, for inputs within the intervals that the "
            + "calibration images span, and as counted on the clean test images.");
}
