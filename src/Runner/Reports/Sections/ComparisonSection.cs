using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>Every pair that was tested image by image.</summary>
internal static class ComparisonSection
{
    /// <summary>Rows that a page shows unasked.</summary>
    private const int MostOpen = 12;

    /// <summary>Rows that a terminal shows.</summary>
    private const int MostClear = 20;

    /// <summary>The section; null without comparisons.</summary>
    public static ReportSection? Of(ReportData data)
    {
        IReadOnlyList<Comparison> all = data.Results.Comparisons;
        if (all.Count == 0) return null;
        int clear = all.Count(c => c.PHolm < ReportData.Level);
        return new(
            "comparisons",
            "Comparisons, image by image",
            [
                new Paragraph(
                    "McNemar's exact test on the same images. Holm's correction is for all "
                        + $"{all.Count} comparisons of this study; {clear} "
                        + $"{(clear == 1 ? "is" : "are")} below {ReportData.Level} after it."),
                Pairs(
                    "Pairs by corrected p-value", [.. all.OrderBy(c => c.PHolm).ThenBy(c => c.P)])
                with
                {
                    IsFolded = all.Count > MostOpen,
                },
            ]);
    }

    /// <summary>The clearest differences; null where none stands out.</summary>
    public static Table? Clearest(ReportData data)
    {
        Comparison[] clear =
        [
            .. data.Results.Comparisons
                .Where(c => c.PHolm < ReportData.Level)
                .OrderBy(c => c.PHolm),
        ];
        return clear.Length == 0 ? null : Pairs(
            clear.Length > MostClear
                ? $"the {MostClear} clearest of {clear.Length} differences (all: comparisons.csv)"
                : "clear differences",
            [.. clear.Take(MostClear)]);
    }

    private static Table Pairs(string caption, Comparison[] pairs) => new(
        caption,
        [
            "first", "second", "seed", "threat", "attack", "epsilon", "only first", "only second",
            "p", "p (Holm)",
        ],
        [.. pairs.Select(Row)])
    {
        KeyColumns = 2,
    };

    private static Cell[] Row(Comparison c) =>
        [
            c.First,
            c.Second,
            Cell.Number($"{c.Seed}", c.Seed),
            c.Threat is { } threat ? EnumWord.Of(threat) : "",
            c.Threat is null ? "clean" : c.Attack,
            Cell.Number(c.Epsilon, QSim.Attacks.Evaluation.Epsilon.Parse(c.Epsilon).Value),
            Cell.Number(c.OnlyFirst),
            Cell.Number(c.OnlySecond),
            Cell.Number(Words.Probability(c.P), c.P),
            Cell.Number(Words.Probability(c.PHolm), c.PHolm),
        ];
}
