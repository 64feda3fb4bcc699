using System.Globalization;
using QSim.Runner.Output;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports;

/// <summary>The one table of a study: a column per target, a row per attack and budget.</summary>
public static class ResultsTable
{
    /// <summary>
    /// Columns of targets that fit in 100 characters, the float network among them.
    /// </summary>
    private const int TargetsPerTable = 5;

    /// <summary>
    /// The table, in as many parts as its width asks; the float network stands in each.
    /// </summary>
    public static IEnumerable<TextTable> Create(StudyResults results)
    {
        string[] targets = [.. results.Accuracy.Select(c => c.Target).Distinct()];
        string[] profiles = [.. targets.Where(t => t != AccuracyCell.FloatTarget)];
        if (profiles.Length == 0) yield return Part(results, targets);
        foreach (string[] part in profiles.Chunk(TargetsPerTable - 1))
            yield return Part(results, [AccuracyCell.FloatTarget, .. part]);
    }

    /// <summary>What the numbers in the table are.</summary>
    public static IReadOnlyList<string> Legend(StudyResults results) =>
        [
            $"Accuracy on {results.Study.Images} test images, 95 % Wilson intervals. Epsilon: "
                + $"{NormNames.Of(results.Study.Norm)}, pixels in [0, 1]. Seed "
                + $"{results.Study.Seed}.",
            .. ThreatLegend.Lines(results.Study),
            "Crossover: the first epsilon at which a profile's curve crosses the float one, linear "
                + "between rows,",
            "'none' where none does. Where the intervals of the two overlap it is within sampling "
                + "noise.",
            "ovf: output elements of a layer that left the accumulator's (acc) or the output's "
                + "(out) range at",
            "least once, and their share, on clean images.",
        ];

    private static TextTable Part(StudyResults results, string[] targets)
    {
        List<string[]> rows = [.. Accuracies(results, targets)];
        rows.AddRange(Crossovers(results, targets));
        rows.AddRange(Events(results, targets));
        return new(["accuracy in %", .. targets], rows)
        {
            RightAligned = Enumerable.Range(1, targets.Length).ToHashSet(),
        };
    }

    private static IEnumerable<string[]> Accuracies(StudyResults results, string[] targets) =>
        from row in results.Accuracy.GroupBy(c => (c.Attack, c.Epsilon))
        let name = row.Key.Attack == AccuracyCell.NoAttack
            ? "clean"
            : $"{row.Key.Attack} {row.Key.Epsilon}"
        select new[] { name }
            .Concat(targets.Select(t => Cell(row.FirstOrDefault(c => c.Target == t))))
            .ToArray();

    private static IEnumerable<string[]> Crossovers(StudyResults results, string[] targets) =>
        from row in results
            .Crossovers.Where(c => c.Attack != AccuracyCell.WorstAttack)
            .GroupBy(c => c.Attack)
        select new[] { $"{row.Key} crossover" }
            .Concat(
                targets.Select(t =>
                    row.FirstOrDefault(c => c.Profile == t) is { } point ? Crossover(point) : ""))
            .ToArray();

    private static IEnumerable<string[]> Events(StudyResults results, string[] targets) =>
        from row in results.Events.GroupBy(e => (e.Layer, e.Stage))
        select new[] { $"ovf {row.Key.Layer} {Short(row.Key.Stage)}" }
            .Concat(
                targets.Select(t =>
                    row.FirstOrDefault(e => e.Profile == t) is { } count ? Overflows(count) : ""))
            .ToArray();

    private static string Cell(AccuracyCell? cell) => cell is null
        ? "-"
        : $"{Percent(cell.Accuracy)} {Percent(cell.Low95)}-{Percent(cell.High95)}";

    private static string Crossover(CrossoverPoint point) =>
        point.Epsilon is { } epsilon
            ? epsilon.ToString("0.000", CultureInfo.InvariantCulture)
            : "none";

    private static string Overflows(StageCount count) => count.Overflowed == 0
        ? "0"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{count.Overflowed} {Percent((double)count.Overflowed / count.Elements)}%");

    private static string Short(string stage) => stage switch
    {
        "accumulator" => "acc",
        "output" => "out",
        _ => stage,
    };

    private static string Percent(double share) =>
        (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
