using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>A saturating accumulator that a 32-bit sum can follow.</summary>
/// <param name="Lowest">The accumulator's range.</param>
/// <param name="Highest">The accumulator's range.</param>
/// <param name="WeightShift">Left shift of every weight.</param>
/// <param name="InputAdd">What a stored input lacks: raw less input offset, less stored.</param>
internal sealed record BoundedSum(int Lowest, int Highest, int WeightShift, int InputAdd)
{
    /// <summary>Pairs of steps between two looks at the sum.</summary>
    public const int BlockPairs = 8;

    private const int SumBits = 31;

    /// <summary>Null when the layer is not of this kind.</summary>
    public static BoundedSum? Of(MacLayer layer, TensorLayout input)
    {
        ConversionSpec update = layer.Mac.Update;
        int weightShift = layer.Mac.PartialAlign - update.Shift;
        bool saturates = update.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            && layer.Mac.AccumulatorAlign == update.Shift && layer.Mac.When == AccumulatorUpdate.EveryUpdate
            && weightShift is >= 0 and < 16 && update.Bits <= SumBits;
        if (!saturates || layer.Mac.ProductStage == ProductStage.Converted) return null;

        long add = input.Offset - layer.Mac.InputOffset;
        (long low, long high) = SumRanges.Inputs(layer);
        bool operandsFit = low >= short.MinValue && high <= short.MaxValue && layer.Weights.All(
            w => (long)w << weightShift is >= short.MinValue and <= short.MaxValue);
        if (!operandsFit) return null;

        // A sum that has not left the range yet, plus anything a block can add, and what stored inputs lack.
        ExactRange[] products = SumRanges.Of(layer);
        bool sumsFit = products.Select((range, c) => (range << weightShift) + layer.Bias[c] + layer.Bias[c]
                + new ExactRange(-Lacking(layer, c, add, weightShift), Lacking(layer, c, add, weightShift)))
            .All(range => range.Bits <= SumBits);
        return sumsFit
            ? new((int)Overflow.LowestKept(update), (int)update.Max, weightShift, (int)add)
            : null;
    }

    /// <summary>The start value of a channel's sum: the bias, and what every product lacks.</summary>
    public long Start(MacLayer layer, int channel)
    {
        long weights = 0;
        foreach (int weight in layer.Weights.AsSpan().Slice(channel * layer.Depth, layer.Depth)) weights += weight;
        return layer.Bias[channel] + ((InputAdd * weights) << WeightShift);
    }

    private static long Lacking(MacLayer layer, int channel, long add, int shift)
    {
        long weights = 0;
        foreach (int weight in layer.Weights.AsSpan().Slice(channel * layer.Depth, layer.Depth))
            weights += Math.Abs((long)weight);
        return (Math.Abs(add) * weights) << shift;
    }
}
