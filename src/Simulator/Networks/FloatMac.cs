using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// What a file says of a convolution or dense layer of float32 numbers: the tool that the network
/// came with sums in an order, and rounds every sum.
/// </summary>
/// <param name="Real">
/// The real weights that the layer had then; of others no order is known.
/// </param>
/// <param name="RealBias">Likewise.</param>
/// <param name="Weight">The weights as the file has them.</param>
/// <param name="Bias">Likewise.</param>
/// <param name="Order">The order.</param>
internal sealed record FloatMac(
    float[] Real, float[] RealBias, float[] Weight, float[] Bias, FloatMacOrder Order)
{
    /// <summary>
    /// Whether that tool sums integers where both factors were quantized, whatever becomes of the
    /// sums.
    /// </summary>
    public bool KeepsIntegers { get; init; }

    /// <summary>
    /// Where an addend of each channel right behind it joins; null where that is not known.
    /// </summary>
    public FloatBiasPlace? Addend { get; init; }

    /// <summary>What is known of a layer that has the weights that it had then.</summary>
    public static FloatMac? Of(FloatLayer layer)
    {
        FloatMac? own = layer switch
        {
            Conv2dLayer conv => conv.Numbers,
            DenseLayer dense => dense.Numbers,
            _ => null,
        };
        return own is not null && own.Real.AsSpan().SequenceEqual(layer.Parameters[0])
            && own.RealBias.AsSpan().SequenceEqual(layer.Parameters[1])
            ? own
            : null;
    }

    /// <summary>The same with a first addend of each channel; null where it is more than that.
    /// </summary>
    public FloatMac? Plus(float[] factors, float[] addends) =>
        Addend is { } place && factors.All(f => f == 1) && Bias.All(b => b == 0)
            && RealBias.All(b => b == 0)
            ? this with
            {
                RealBias = addends,
                Bias = addends,
                Order = Order with { Bias = place },
                Addend = null,
            }
            : null;
}
