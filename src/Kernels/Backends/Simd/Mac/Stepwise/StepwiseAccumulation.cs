using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// What loops that take every step in order share: weights as wide as accumulators.
/// </summary>
/// <remarks>
/// Needs as many weights and biases as the layer's sizes say, which Pack asserts.
/// </remarks>
internal abstract unsafe class StepwiseAccumulation<T> : Accumulation<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    protected StepwiseAccumulation(MacShape shape, RowSource<T> rows, int lanes)
    {
        Shape = shape;
        Stride = rows.Stride;
        Padded = shape.Padded(lanes);
        Steps = new MacSteps(shape.Layer);
        Weights = new((long)shape.Groups * shape.Depth * Padded * sizeof(T));
        Biases = new((long)shape.Groups * Padded * sizeof(T));
        Pack(rows.Order);
    }

    public override int Padded { get; }

    protected MacShape Shape { get; }

    protected MacSteps Steps { get; }

    /// <summary>Values from one row to the next.</summary>
    protected int Stride { get; }

    /// <summary>[group][step][channel].</summary>
    protected AlignedMemory Weights { get; }

    /// <summary>[group][channel].</summary>
    protected AlignedMemory Biases { get; }

    private void Pack(int[] order)
    {
        MacLayer layer = Shape.Layer;
        Door.Needs(order.Length == Shape.Depth && Stride >= Shape.Depth);
        Door.Needs(layer.Weights.Length == (long)Shape.Channels * Shape.Depth);
        T* weight = Weights.At<T>(0, (long)Shape.Groups * Shape.Depth * Padded);
        T* bias = Biases.At<T>(0, (long)Shape.Groups * Padded);
        for (int channel = 0; channel < Shape.Channels; channel++)
        {
            int group = channel / Shape.GroupChannels;
            int lane = channel % Shape.GroupChannels;
            bias[(group * Padded) + lane] = T.CreateTruncating(layer.Bias[channel]);
            T* to = weight + ((long)group * Shape.Depth * Padded) + lane;
            for (int step = 0; step < order.Length; step++)
                to[(long)step * Padded] = T.CreateTruncating(
                    layer.Weights[(channel * Shape.Depth) + order[step]]);
        }
    }
}
