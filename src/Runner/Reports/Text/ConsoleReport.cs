using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Sections;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports.Text;

/// <summary>What a terminal shows of a report: its tables, in few words what they are.</summary>
internal static class ConsoleReport
{
    private const int MostColumns = 100;

    public static IEnumerable<TextTable> Tables(ReportData data) =>
        Shown(data).SelectMany(TextTables.Of);

    /// <summary>What the numbers in them are, and what parameters did not fit.</summary>
    public static IEnumerable<string> Legend(ReportData data) =>
        [
            .. OverviewSection.Fits(data) ? OfOverview(data) : OfStudy(data),
            .. OfEvidence(data),
            .. CostColumns.Legend(data.Results.Cost),
            .. OfParameters(data),
        ];

    /// <summary>What a sweep comes to, in sentences; none without one.</summary>
    public static IEnumerable<string> Lead(ReportData data) =>
        SweepWords.Sentences(data).SelectMany(s => Words.Wrapped(s, MostColumns));

    private static string[] OfParameters(ReportData data)
    {
        string[] losses = [.. ParameterText.Losses(data.Results.Events)];
        return losses.Length == 0 ? [] : [.. losses, ParameterText.Consequence];
    }

    private static IEnumerable<Table> Shown(ReportData data)
    {
        if (SweepSection.Table(data, isBrief: true) is { } smallest) yield return smallest;
        if (OverviewSection.Fits(data))
            yield return OverviewSection.Table(data);
        else
        {
            foreach ((ThreatModel threat, string attack) in data.AttackRows)
                yield return AccuracyTables.Of(data, threat, attack);
            if (ComparisonSection.Clearest(data) is { } clearest) yield return clearest;
        }

        if (data.Results.Certificates.Count > 0) yield return CertificateSection.Table(data);
        if (data.Results.SmallestChanges.Count > 0) yield return EvidenceSection.Smallest(data);
        foreach (Table matrix in EvidenceSection.Matrices(data).Where(m => !m.IsFolded))
            yield return matrix;
    }

    private static IEnumerable<string> OfOverview(ReportData data) =>
        [
            $"Accuracy on {data.Study.Settings.Images} test images, 95 % Wilson intervals. "
                + $"Epsilon: {NormNames.Of(data.Study.Settings.Norm)}, pixels in [0, 1]. Seed "
                + $"{data.Study.Settings.Seed}.",
            .. ThreatLegend.Lines(data.Study.Settings),
            "Crossover: the first epsilon at which a profile's curve crosses the float one, linear "
                + "between rows,",
            "'none' where none does. Where the intervals of the two overlap it is within sampling "
                + "noise.",
            "ovf: output elements of a layer that left the accumulator's (acc) or the output's "
                + "(out) range at",
            "least once, and their share, on clean images.",
        ];

    private static IEnumerable<string> OfStudy(ReportData data)
    {
        StudySettings study = data.Study.Settings;
        int all = data.Results.Comparisons.Count,
            clear = data.Results.Comparisons.Count(c => c.PHolm < ReportData.Level);
        return
        [
            .. data.Results.SmallestValues is { Count: > 0 } smallest ? OfSmallest(smallest) : [],
            $"Accuracy in % on {study.Images} test images"
                + (data.HasSeeds
                    ? $", mean (lowest-highest) of {study.Seeds.Count} seeds."
                    : $", seed {study.Seed}; 95 % Wilson intervals are in results.csv."),
            $"Epsilon: {NormNames.Of(study.Norm)}, pixels in [0, 1]. worst: the mean over "
                + "images of the worst attack.",
            .. ThreatLegend.Limits(study),
            "crossover: the first epsilon at which the curve crosses the float one, with its 95 % "
                + "bootstrap interval;",
            "'>' where the interval reaches beyond all budgets, 'none' where the curves do not "
                + "cross.",
            $"Comparisons: McNemar's exact test, image by image; {all} comparisons, corrected by "
                + $"Holm; {clear} below {ReportData.Level.ToString(CultureInfo.InvariantCulture)}.",
        ];
    }

    private static IEnumerable<string> OfSmallest(IReadOnlyList<SmallestValue> smallest) =>
    [
        "smallest: from it on every measured loss of accuracy is within the tolerance. 95 %: "
            + "values below are",
        "shown to lose more, from its end on all are shown to lose no more, by paired tests "
            + "(Tango's score) of all",
        $"{smallest.Count} rows together; ? where more images would tell.",
    ];

    private static IEnumerable<string> OfEvidence(ReportData data)
    {
        if (data.Results.Certificates.Count > 0)
        {
            yield return "At least: the share of images that provably nothing within the budget "
                + "breaks. At most: those and the";
            yield return "undecided ones; 95 % Wilson intervals. Too loose: the stage that most "
                + "undecided images blame.";
            foreach (string line in CertificateSection.Lines(data)) yield return line;
        }

        if (data.Results.SmallestChanges.Count > 0)
        {
            yield return $"Smallest change: sizes ({NormNames.Of(data.Study.Settings.Norm)}) that "
                + "break a tenth, a quarter, half... of the images";
            yield return "classified right, '-' where fewer are broken. Upper bounds: what the "
                + "attack found.";
        }

        if (data.Results.Transfers.Count > 0)
            yield return "Images made on: accuracy in % of each column on images made on each row "
                + "(all budgets: transfers.csv).";
    }
}
