using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// Where values leave their range, and where bits are dropped: a map of layers and stages.
/// </summary>
internal static class EventSection
{
    /// <summary>The section; null while nothing was counted.</summary>
    public static ReportSection? Of(ReportData data) =>
        data.Results.Events.Count == 0
            ? null
            : new(
                "events",
                "Overflow and rounding, layer by layer",
                [
                    new Paragraph(
                        "Counted on the clean test images, per output element of a layer: an "
                            + "element counts once, however often it happened on the way. The "
                            + "darker, the larger the share; every cell gives it in percent, and "
                            + "under it the count of elements."),
                    .. Parameters(data),
                    Map(
                        data, "Elements that left the range of a stage at least once (overflow)",
                        e => e.Overflowed),
                    Map(
                        data, "Elements that lost a set bit at least once (rounding)",
                        e => e.Inexact),
                ]);

    /// <summary>What did not fit when networks were quantized; nothing where all did.</summary>
    private static IEnumerable<ReportBlock> Parameters(ReportData data)
    {
        StageCount[] counts = [.. data.Results.Events.Where(CleanEvents.IsOfParameters)];
        if (counts.Length == 0) yield break;
        yield return new Table(
            "Parameters that left their range when the network was quantized",
            [.. SeedColumn(data), "profile", "layer", "parameter", "left its range", "of"],
            [
                .. counts.Select(c => (Cell[])
                [
                    .. data.HasSeeds ? [Cell.Number((long)c.Seed)] : Array.Empty<Cell>(),
                    c.Profile, c.Layer, ParameterText.NameOf(c.Stage), Cell.Number(c.Overflowed),
                    Cell.Number(c.Elements),
                ]),
            ]);
        yield return new Paragraph(ParameterText.Legend);
    }

    private static string[] SeedColumn(ReportData data) => data.HasSeeds ? ["seed"] : [];

    private static Table Map(ReportData data, string caption, Func<StageCount, long> count)
    {
        StageCount[] values = [.. data.Results.Events.Where(e => !CleanEvents.IsOfParameters(e))];
        (string Layer, string Stage)[] columns =
            [.. values.Select(e => (e.Layer, e.Stage)).Distinct()];
        ILookup<(string, string, string), StageCount> at = values.ToLookup(e =>
            (e.Profile, e.Layer, e.Stage));
        string seeds = data.HasSeeds ? ", all seeds together" : "";
        return new(
            caption + seeds,
            ["profile", .. columns.Select(c => $"{c.Layer} {c.Stage}")],
            [
                .. data
                    .Profiles.Where(p => data.Results.Events.Any(e => e.Profile == p))
                    .Select(p =>
                        (Cell[])
                            [
                                p,
                                .. columns.Select(c =>
                                    Share([.. at[(p, c.Layer, c.Stage)]], count)),
                            ]),
            ]);
    }

    private static Cell Share(StageCount[] counts, Func<StageCount, long> count)
    {
        if (counts.Length == 0) return "–";
        long part = counts.Sum(count), whole = counts.Sum(c => c.Elements);
        double share = (double)part / whole;
        return part == 0
            ? Cell.Number("0", 0)
            : Cell.Number(Percent(share), share) with { Heat = share, Note = Words.Count(part) };
    }

    private static string Percent(double share) => share < 0.0005 ? "<0.1" : Words.Percent(share);
}
