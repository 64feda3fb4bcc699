using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>Every pair that was tested image by image.</summary>
public static class ComparisonSection
{
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
                new Table(
                    "Pairs by corrected p-value",
                    [
                        "first",
                        "second",
                        "seed",
                        "threat",
                        "attack",
                        "epsilon",
                        "only first right",
                        "only second right",
                        "p",
                        "p (Holm)",
                    ],
                    [.. all.OrderBy(c => c.PHolm).ThenBy(c => c.P).Select(Row)])
                {
                    IsFolded = all.Count > 12,
                },
            ]);
    }

    private static Cell[] Row(Comparison c) =>
        [
            c.First,
            c.Second,
            Cell.Number($"{c.Seed}", c.Seed),
            c.Threat is { } threat ? Words.Lower(threat) : "",
            c.Threat is null ? "clean" : c.Attack,
            Cell.Number(c.Epsilon, QSim.Attacks.Evaluation.Epsilon.Parse(c.Epsilon).Value),
            Cell.Number(c.OnlyFirst),
            Cell.Number(c.OnlySecond),
            Cell.Number(Words.Probability(c.P), c.P),
            Cell.Number(Words.Probability(c.PHolm), c.PHolm),
        ];
}
