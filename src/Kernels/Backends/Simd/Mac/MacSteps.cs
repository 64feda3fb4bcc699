using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// The steps of a reduction. A conversion at the end is one update by all lanes, which the bias
/// precedes.
/// </summary>
internal sealed class MacSteps(MacLayer layer)
{
    private readonly bool _atEnd = layer.Mac.When == AccumulatorUpdate.End;

    public int Lanes => _atEnd ? layer.Depth : Math.Min(layer.Depth, ReductionPlan.LanesOf(layer));

    public bool BiasFirst => _atEnd || layer.Mac.Bias == BiasPosition.First;

    public bool ConvertsProducts => layer.Mac.ProductStage == ProductStage.Converted;

    public int AccumulatorAlign => layer.Mac.AccumulatorAlign;

    public int PartialAlign => layer.Mac.PartialAlign;

    public ConversionSpec Product => layer.Mac.Product;

    public ConversionSpec Update => layer.Mac.Update;
}
