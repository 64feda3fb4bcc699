using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>Rows of inputs to accumulators: one multiply-accumulate loop with its packed weights.</summary>
internal abstract unsafe class Accumulation<T>
    where T : unmanaged, IBinaryInteger<T>
{
    protected Accumulation(MacShape shape, int lanes)
    {
        Shape = shape;
        Padded = shape.Padded(lanes);
        Steps = new MacSteps(shape.Layer);
        Weights = new((long)shape.Groups * shape.Depth * Padded * sizeof(T));
        Biases = new((long)shape.Groups * Padded * sizeof(T));
        Pack();
    }

    /// <summary>Channels of a group, padded.</summary>
    public int Padded { get; }

    protected MacShape Shape { get; }

    protected MacSteps Steps { get; }

    /// <summary>[group][step][channel].</summary>
    protected AlignedMemory Weights { get; }

    /// <summary>[group][channel].</summary>
    protected AlignedMemory Biases { get; }

    /// <summary>Accumulates every column of the tile; raises flags where it has them.</summary>
    public abstract void Run(in MacTile<T> tile);

    private void Pack()
    {
        MacLayer layer = Shape.Layer;
        int[] order = ReductionPlan.WeightIndices(layer);
        T* weight = (T*)Weights.Start;
        T* bias = (T*)Biases.Start;
        for (int channel = 0; channel < Shape.Channels; channel++)
        {
            int group = channel / Shape.GroupChannels;
            int lane = channel % Shape.GroupChannels;
            bias[(group * Padded) + lane] = T.CreateTruncating(layer.Bias[channel]);
            T* to = weight + ((long)group * Shape.Depth * Padded) + lane;
            for (int step = 0; step < order.Length; step++)
                to[(long)step * Padded] = T.CreateTruncating(layer.Weights[(channel * Shape.Depth) + order[step]]);
        }
    }
}

/// <summary>
/// The steps of a reduction. A conversion at the end is one update by all lanes, which the bias precedes.
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
