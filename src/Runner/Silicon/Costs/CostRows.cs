using QSim.Runner.Studies.Costs;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What was measured, as rows and figures of a run.</summary>
internal static class CostRows
{
    /// <summary>The rows of a profile's units.</summary>
    public static IEnumerable<CostRow> Of(string profile, IEnumerable<UnitCost> units) =>
        from unit in units
        from part in unit.Parts
        let shape = unit.Shape
        select new CostRow(
            profile, unit.Layer, part.Part, shape.Lanes, shape.InputBits, shape.WeightBits,
            shape.AccumulatorBits, shape.OutputBits, NetworkCost.Uses(unit, part.Part),
            part[PartCost.Area], part[PartCost.Cells], part[PartCost.Path], part[PartCost.Energy],
            part["lut"], part["ff"], part["carry"], part["dsp"],
            string.Join(
                ' ', part.Figures.Where(f => !f.Value.IsMeasured).Select(f => f.Key).Order()));

    /// <summary>The figures of a profile, all its units together.</summary>
    public static ProfileFigures Together(
        string profile, IReadOnlyList<UnitCost> units, EnergyConstants constants)
    {
        PartCost[] parts = [.. units.SelectMany(u => u.Parts)];
        NetworkCost? network = units.Count == 0
            ? null
            : NetworkCost.Of(profile, units, constants);
        return new(
            profile, Sum(PartCost.Area), Sum(PartCost.Cells),
            Column(PartCost.Path) is { } paths ? paths.Max() : null,
            Sum("lut"), Sum("ff"), Sum("carry"), Sum("dsp"),
            network?.UnitsNanojoules, network?.TotalNanojoules,
            parts.SelectMany(p => p.Figures.Values).All(f => f.IsMeasured));

        double? Sum(string column) => Column(column)?.Sum();
        double[]? Column(string column) =>
            parts.Length > 0 && parts.Select(p => p[column]).ToArray() is var all
                && all.All(v => v is not null)
                ? [.. all.Select(v => v!.Value)]
                : null;
    }

    /// <summary>A report as a run keeps it.</summary>
    public static RunCosts Of(CostReport report) => new(
        RunCosts.Version, report.Target.Name, report.Request.Tools.Library?.Name,
        report.Request.Tools.Library?.Sha256, report.Versions, [.. CostLegend.Of(report)],
        [.. report.Profiles.Select(p => Together(p.Profile, p.Units, report.Request.Constants))],
        [.. report.Rows]);
}
