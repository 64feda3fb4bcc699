using System.Collections.Immutable;
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
/// <param name="Order">The order; null where it is not known of numbers.</param>
internal sealed record FloatMac(
    float[] Real, float[] RealBias, float[] Weight, float[] Bias, FloatMacOrder? Order)
{
    /// <summary>
    /// Whether that tool sums integers where both factors were quantized, whatever becomes of the
    /// sums.
    /// </summary>
    public bool KeepsIntegers { get; init; }

    /// <summary>The integers that the file's weights are; null where they are none.</summary>
    public OwnWeights? Own { get; init; }

    /// <summary>
    /// Whether that tool has no sums of integers of it, though both factors and the result are
    /// quantized.
    /// </summary>
    public bool HasNoSums { get; init; }

    /// <summary>
    /// Whether that tool sums numbers also where it quantizes the sums, as it does with real biases
    /// of factors that were quantized both.
    /// </summary>
    public bool IsNeverOfIntegers { get; init; }

    /// <summary>
    /// Whether an addend of each channel right behind it is added to its sums as a bias is.
    /// </summary>
    public bool TakesAddend { get; init; }

    /// <summary>What the file computes with the sums then, rounding each time.</summary>
    public ImmutableArray<FloatConstants> After { get; init; } = [];

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

    /// <summary>The same with a norm behind it; null where that is not known.</summary>
    /// <param name="real">The layer's weights then.</param>
    /// <param name="bias">Likewise.</param>
    /// <param name="norm">The norm.</param>
    public FloatMac? Plus(float[] real, float[] bias, BatchNormLayer norm)
    {
        bool takes = TakesAddend && !(KeepsIntegers && Own is not null)
            && norm.Scale.All(f => f == 1);
        FloatMac changed = this with
        {
            Real = real,
            RealBias = bias,
            IsNeverOfIntegers = !KeepsIntegers,
            TakesAddend = false,
        };
        return takes
            ? changed with
            {
                Bias = norm.Shift,
                Order = Order is { } order
                    ? order with { Bias = FloatBiasPlace.Last }
                    : null,
            }
            : norm.Float32 is { } own
            ? changed with { After = [.. After, own] }
            : null;
    }
}
