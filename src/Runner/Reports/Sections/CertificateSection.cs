using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Reports.Sections;

/// <summary>Robust accuracy from both sides: at least what is proved, at most what stood.</summary>
internal static class CertificateSection
{
    private const int MostLines = 12;

    /// <summary>The section; null where the study asks for no proofs.</summary>
    public static ReportSection? Of(ReportData data) => data.Results.Certificates.Count == 0
        ? null
        : new(
            "certificates", "Proved and broken",
            [
                new Paragraph(
                    "Proved: no image within the budget changes the decision of this hardware, on "
                        + "its own integers, order and rounding; nothing is said of the float "
                        + "network. Broken: an attack or the search found an image that does, and "
                        + "the hardware was run on it. Undecided: neither. So robust accuracy is "
                        + "at least the share proved and at most the share proved or undecided, "
                        + "under any attack, known or not."),
                Table(data),
                .. data.HasSeeds
                    ? [new Paragraph(
                        $"These are figures of the network of seed {data.Study.Settings.Seed}; "
                            + "those of all seeds are in certificates.csv.")]
                    : (ReportBlock[])[],
            ]);

    /// <summary>A row for each profile and budget.</summary>
    public static Table Table(ReportData data) => new(
        "Images proved, broken, undecided and wrong before any attack; robust accuracy in % from "
            + $"both sides, with 95 % Wilson intervals{OfSeed(data, "; ")}",
        [
            "profile", "epsilon", "proved", "broken", "undecided", "wrong", "at least", "at most",
            "too loose",
        ],
        [
            .. data.Results.Certificates.Where(c => IsShown(data, c)).Select(c => (Cell[])
                [
                    c.Profile,
                    Cell.Number(c.Epsilon, c.EpsilonValue),
                    Cell.Number(c.Proved),
                    Cell.Number(c.Broken),
                    Cell.Number(c.Undecided),
                    Cell.Number(c.Wrong),
                    Bound(c.ProvedAccuracy, c.ProvedLow95, c.ProvedHigh95),
                    Bound(c.AttackedAccuracy, c.AttackedLow95, c.AttackedHigh95),
                    c.WhyNot ?? c.TooLoose ?? "",
                ]),
        ])
    {
        Title = "proved and broken",
        KeyColumns = 2,
    };

    /// <summary>A sentence for each profile and budget, as far as there is room.</summary>
    public static IEnumerable<string> Lines(ReportData data)
    {
        CertifiedFigure[] shown = [.. data.Results.Certificates.Where(c => IsShown(data, c))];
        foreach (CertifiedFigure figure in shown.Take(MostLines))
            yield return figure.WhyNot is { } reason
                ? $"{figure.Profile}: nothing can be proved at {figure.Epsilon}: {reason}."
                : $"{figure.Profile}{OfSeed(data, ", ")}: {figure.Line}{OutOfTime(figure)}.";
        if (shown.Length > MostLines)
            yield return $"{shown.Length - MostLines} more in certificates.csv.";
    }

    /// <summary>Networks of other seeds are others: which one is meant is said.</summary>
    private static string OfSeed(ReportData data, string before) =>
        data.HasSeeds ? $"{before}seed {data.Study.Settings.Seed}" : "";

    /// <summary>Seeds other than the first are in the file.</summary>
    private static bool IsShown(ReportData data, CertifiedFigure figure) =>
        figure.Seed == data.Study.Settings.Seed;

    private static string OutOfTime(CertifiedFigure figure) => figure.OutOfTime > 0
        ? $" ({figure.OutOfTime} for lack of time)"
        : "";

    private static Cell Bound(double share, double low, double high) =>
        Cell.Number(Words.Percent(share), share) with
        {
            Note = $"{Words.Percent(low)}–{Words.Percent(high)}",
            Brief = $"{Words.Percent(share)} {Words.Percent(low)}–{Words.Percent(high)}",
        };
}
