using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>A saturating accumulator that a 32-bit sum can follow.</summary>
/// <param name="Lowest">The accumulator's range.</param>
/// <param name="Highest">The accumulator's range.</param>
/// <param name="WeightShift">Left shift of every weight.</param>
/// <param name="InputAdd">What a stored input lacks: raw less input offset, less stored.</param>
/// <param name="InputLow">The range of what multipliers take.</param>
/// <param name="InputHigh">The range of what multipliers take.</param>
internal sealed record BoundedSum(
    int Lowest, int Highest, int WeightShift, int InputAdd, int InputLow, int InputHigh)
{
    private const int SumBits = 31;

    /// <summary>The largest magnitude of an input.</summary>
    public int LargestInput => Math.Max(-InputLow, InputHigh);

    /// <summary>Null when the layer is not of this kind.</summary>
    public static BoundedSum? Of(MacLayer layer, TensorLayout input) =>
        layer.Mac.Update.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            ? UntilOverflow(layer, input)
            : null;

    /// <summary>
    /// What the accumulator does before it overflows for the first time, in whatever mode.
    /// </summary>
    public static BoundedSum? UntilOverflow(MacLayer layer, TensorLayout input)
    {
        ConversionSpec update = layer.Mac.Update;
        int weightShift = layer.Mac.PartialAlign - update.Shift;
        bool follows =
            layer.Mac.AccumulatorAlign == update.Shift
            && layer.Mac.When == AccumulatorUpdate.EveryUpdate
            && weightShift is >= 0 and < 16
            && update.Bits <= SumBits;
        if (!follows || layer.Mac.ProductStage == ProductStage.Converted)
            return null;

        (long low, long high) = layer.Facts.Multiplied;
        bool operandsFit = low > short.MinValue && high <= short.MaxValue && layer.Weights.All(
            w => (long)w << weightShift is > short.MinValue and <= short.MaxValue);
        if (!operandsFit) return null;

        // Twice the products: what a sum may have passed on its way lies no further from it than
        // all of them.
        bool sumsFit = layer.Facts.Sums
            .Select((range, c) => (range << (weightShift + 1)) + layer.Bias[c] + layer.Bias[c])
            .All(range => range.Bits <= SumBits);
        return sumsFit
            ? new(
                (int)Overflow.LowestKept(update), (int)update.Max, weightShift,
                (int)(input.Offset - layer.Mac.InputOffset), (int)low, (int)high)
            : null;
    }

    /// <summary>
    /// How far, at most, a sum of some of the products leaves the interval between nothing and the
    /// sum of all of them, per unit of the largest input: what is added on the way has to be taken
    /// away again, so it is no more than the smaller of what rises and what falls.
    /// </summary>
    public int Excess(ReadOnlySpan<long> weights)
    {
        long up = 0, down = 0, largest = 0;
        foreach (long weight in weights)
        {
            up += Math.Max(weight, 0);
            down += Math.Max(-weight, 0);
            largest = Math.Max(largest, Math.Abs(weight));
        }

        bool knowsSigns = InputLow >= 0 || InputHigh <= 0;
        return (int)(
            knowsSigns ? Math.Min(up, down) : Math.Min((up + down) / 2, up + down - largest));
    }
}
