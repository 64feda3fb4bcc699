using System.Globalization;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>A study in one table: a column per target, a row per attack and budget.</summary>
internal static class OverviewSection
{
    /// <summary>The section; null where the study is more than a table holds.</summary>
    public static ReportSection? Of(ReportData data) =>
        Fits(data) ? new("overview", "At a glance", [Table(data)]) : null;

    /// <summary>Whether a table holds it: one seed, one threat model, no sweep.</summary>
    public static bool Fits(ReportData data) =>
        data.Study.Settings is { Seeds.Count: 1, Threats.Count: 1, Sweep.Count: 0 };

    /// <summary>The table; every part has the float network.</summary>
    public static Table Table(ReportData data)
    {
        string[] targets = [.. data.Study.Targets.Select(t => t.Name)];
        return new(
            "Accuracy in % with its 95 % Wilson interval; where curves cross the float one; "
                + "elements that left a range on clean images",
            ["accuracy in %", .. targets],
            [
                .. Accuracies(data.Results, targets),
                .. Crossovers(data.Results, targets),
                .. Events(data.Results, targets),
                .. CostColumns.Rows(data.Results, targets),
            ])
        {
            Title = "",
            KeyColumns = 2,
        };
    }

    private static IEnumerable<Cell[]> Accuracies(StudyResults results, string[] targets) =>
        from row in results.Accuracy.GroupBy(c => (c.Attack, c.Epsilon))
        let name = row.Key.Attack == AccuracyCell.NoAttack
            ? "clean"
            : $"{row.Key.Attack} {row.Key.Epsilon}"
        select (Cell[])
        [
            name,
            .. targets.Select(t =>
                row.FirstOrDefault(c => c.Target == t) is { } cell ? Accuracy(cell) : "–"),
        ];

    private static IEnumerable<Cell[]> Crossovers(StudyResults results, string[] targets) =>
        from row in results
            .Crossovers.Where(c => c.Attack != AccuracyCell.WorstAttack)
            .GroupBy(c => c.Attack)
        select (Cell[])
        [
            $"{row.Key} crossover",
            .. targets.Select(t =>
                row.FirstOrDefault(c => c.Profile == t) is { } point ? Crossover(point) : ""),
        ];

    private static IEnumerable<Cell[]> Events(StudyResults results, string[] targets) =>
        from row in results.Events.GroupBy(e => (e.Layer, e.Stage))
        select (Cell[])
        [
            $"ovf {row.Key.Layer} {Short(row.Key.Stage)}",
            .. targets.Select(t =>
                row.FirstOrDefault(e => e.Profile == t) is { } count ? Overflows(count) : ""),
        ];

    private static Cell Accuracy(AccuracyCell cell)
    {
        (string accuracy, string interval) = (
            Words.Percent(cell.Accuracy),
            $"{Words.Percent(cell.Low95)}–{Words.Percent(cell.High95)}");
        return Cell.Number(accuracy, cell.Accuracy) with
        {
            Note = interval,
            Brief = $"{accuracy} {interval}",
        };
    }

    private static Cell Crossover(CrossoverPoint point) =>
        point.Epsilon is { } epsilon
            ? Cell.Number(epsilon.ToString("0.000", CultureInfo.InvariantCulture), epsilon)
            : Cell.Number("none", double.MaxValue);

    private static Cell Overflows(StageCount count) => count.Overflowed == 0
        ? Cell.Number(0)
        : Cell.Number(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count.Overflowed} {Words.Percent((double)count.Overflowed / count.Elements)}%"),
            count.Overflowed);

    private static string Short(string stage) => stage switch
    {
        "accumulator" => "acc",
        "output" => "out",
        _ => stage,
    };
}
