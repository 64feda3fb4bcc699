using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>A figure with where it is from.</summary>
/// <param name="Value">The figure, in its column's unit.</param>
/// <param name="IsMeasured">False where the fitted model says it.</param>
internal sealed record Figure(double Value, bool IsMeasured);

/// <summary>What one half of a unit costs.</summary>
/// <param name="Part"><see cref="CostUnit.Accumulate"/> or <see cref="CostUnit.Requantize"/>.
/// </param>
/// <param name="Figures">By column; a column that nothing is known of is absent.</param>
internal sealed record PartCost(string Part, IReadOnlyDictionary<string, Figure> Figures)
{
    /// <summary>Square micrometres of cells.</summary>
    public const string Area = "area_um2";

    /// <summary>How many cells.</summary>
    public const string Cells = "cells";

    /// <summary>The critical path in nanoseconds, setup included.</summary>
    public const string Path = "path_ns";

    /// <summary>Picojoules per update, or per output for the requantization.</summary>
    public const string Energy = "energy_pj";

    /// <summary>What is said of standard cells.</summary>
    public static IReadOnlyList<string> AsicColumns { get; } = [Area, Cells, Path, Energy];

    /// <summary>A column's value; null where nothing is known.</summary>
    public double? this[string column] => Figures.GetValueOrDefault(column)?.Value;
}
