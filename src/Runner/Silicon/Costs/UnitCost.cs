using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What a layer's unit costs, and how often an image needs it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Shape">Its widths and modes.</param>
/// <param name="Parts">Its halves.</param>
/// <param name="Work">What one image asks of it.</param>
internal sealed record UnitCost(
    string Layer, UnitShape Shape, IReadOnlyList<PartCost> Parts, LayerWork Work);
