using System.Globalization;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Costs;

namespace QSim.Runner.Reports.Sections;

/// <summary>What circuits cost, beside accuracies: rows of one table, columns of others.</summary>
internal static class CostColumns
{
    /// <summary>Where targets are columns: a row per figure.</summary>
    public static IEnumerable<Cell[]> Rows(StudyResults results, string[] targets) =>
        from column in results.Cost?.Columns() ?? []
        select (Cell[])
        [
            Header(column.Name),
            .. targets.Select(t => Of(results.Cost!, column.Of, t)),
        ];

    /// <summary>Where targets are rows: the columns' headers.</summary>
    public static IEnumerable<string> Headers(RunCosts? costs) =>
        costs?.Columns().Select(c => Header(c.Name)) ?? [];

    /// <summary>The same of one target.</summary>
    public static IEnumerable<Cell> Of(RunCosts? costs, string target) =>
        costs?.Columns().Select(c => Of(costs, c.Of, target)) ?? [];

    /// <summary>What they are, for a terminal.</summary>
    public static IEnumerable<string> Legend(RunCosts? costs)
    {
        if (costs is null) yield break;
        yield return $"Circuits ({costs.Target}): units of all convolutions and dense layers, "
            + "the first seed; path: the slowest.";
        yield return costs.Tools.Length > 0
            ? $"{costs.Tools}; each unit: costs.csv; what figures mean: report, or 'qsim cost'."
            : "Each unit: costs.csv; what figures mean: report, or 'qsim cost'.";
        if (costs.Profiles.Any(p => !p.IsMeasured))
            yield return "~ says the fitted model: right within a factor, for telling designs "
                + "apart.";
    }

    private static Cell Of(
        RunCosts costs, Func<ProfileFigures, double?> of, string target) =>
        costs.Profiles.FirstOrDefault(p => p.Profile == target) is { } figures
            && of(figures) is { } value
            ? Cell.Number(
                (figures.IsMeasured ? "" : "~") + value.ToString(
                    value < 100 ? "0.##" : "0", CultureInfo.InvariantCulture),
                value)
            : "";

    private static string Header(string column) => column switch
    {
        "area_um2" => "area um2",
        "path_ns" => "path ns",
        "units_nanojoules" => "nJ an image",
        "total_nanojoules" => "nJ with memory, 45 nm",
        "cells" => "cells",
        _ => column.ToUpperInvariant(),
    };
}
