using QSim.Runner.Reports.Documents;
using QSim.Runner.Silicon.Costs;
using QSim.Runner.Studies.Costs;

namespace QSim.Runner.Reports.Sections;

/// <summary>What circuits cost, in the report: per profile, then unit by unit.</summary>
internal static class CircuitCosts
{
    /// <summary>The blocks; none where the study does not ask.</summary>
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        if (data.Results.Cost is not { } costs) yield break;
        yield return new Table(
            $"Circuits for {costs.Target}: units of all convolutions and dense layers together; "
                + "the path is the slowest",
            ["profile", .. CostColumns.Headers(costs)],
            [
                .. costs.Profiles.Select(p => (Cell[])
                    [p.Profile, .. CostColumns.Of(costs, p.Profile)]),
            ]);
        yield return new Table(
            "The same, unit by unit",
            [
                "profile", "layer", "part", "lanes", "input bits", "weight bits",
                "accumulator bits", "uses", "area um2", "cells", "path ns", "pJ per use", "LUT",
                "FF", "carry", "DSP",
            ],
            [.. costs.Units.Select(Row)])
        {
            IsFolded = true,
        };
        yield return new Paragraph(string.Join(' ', costs.Notes.Select(n => n.Trim())));
    }

    private static Cell[] Row(CostRow row) =>
    [
        row.Profile, row.Layer, row.Part, Cell.Number(row.Lanes), Cell.Number(row.InputBits),
        Cell.Number(row.WeightBits), Cell.Number(row.AccumulatorBits), Cell.Number(row.Uses),
        Figure(row, row.AreaUm2, PartCost.Area), Figure(row, row.Cells, PartCost.Cells),
        Figure(row, row.PathNs, PartCost.Path), Figure(row, row.EnergyPj, PartCost.Energy),
        Figure(row, row.Lut, "lut"), Figure(row, row.Ff, "ff"), Figure(row, row.Carry, "carry"),
        Figure(row, row.Dsp, "dsp"),
    ];

    private static Cell Figure(CostRow row, double? value, string column) => value is { } figure
        ? Cell.Number(
            (row.Modelled.Split(' ').Contains(column) ? "~" : "")
                + figure.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture),
            figure)
        : "";
}
