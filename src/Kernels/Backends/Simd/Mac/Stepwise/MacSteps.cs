using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// The steps of a reduction. A conversion at the end is one update by all lanes, which the bias
/// precedes.
/// </summary>
internal sealed class MacSteps(MacLayer layer)
{
    public int Lanes { get; } = layer.Facts.Lanes;

    public bool BiasFirst { get; } = layer.Facts.StartsFromBias;

    public bool ConvertsProducts => layer.Mac.ProductStage == ProductStage.Converted;

    public int AccumulatorAlign => layer.Mac.AccumulatorAlign;

    public int PartialAlign => layer.Mac.PartialAlign;

    public ConversionSpec Product => layer.Mac.Product;

    public ConversionSpec Update => layer.Mac.Update;
}
