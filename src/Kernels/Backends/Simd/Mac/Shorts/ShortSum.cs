using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>Which instruction makes a term of an input and a weight.</summary>
internal enum ShortTerm
{
    Whole,
    Floored,
    Rounded,
    NegatedRounded,
}

/// <summary>Which part of a weight an operand holds.</summary>
internal enum WeightPart
{
    Whole,
    Low,
    High,
}

/// <summary>
/// How a layer accumulates in 16-bit lanes, term by term: a term is one product, rounded by its own
/// conversion or by the update that adds it.
/// </summary>
internal sealed record ShortSum
{
    private const int LaneBits = 16;
    private const int FewestSteps = 4;

    /// <summary>The instruction.</summary>
    public required ShortTerm Term { get; init; }

    /// <summary>Left shift of every weight.</summary>
    public required int WeightShift { get; init; }

    /// <summary>Left shift of every input.</summary>
    public required int InputShift { get; init; }

    /// <summary>What a stored input lacks: raw less input offset, less stored.</summary>
    public required int InputAdd { get; init; }

    /// <summary>True for accumulators that saturate step by step, false for plain sums.</summary>
    public required bool Saturates { get; init; }

    /// <summary>The accumulator's range where it saturates.</summary>
    public required short Lowest { get; init; }

    /// <inheritdoc cref="Lowest"/>
    public required short Highest { get; init; }

    /// <summary>
    /// Terms that a 16-bit sum holds whatever they are, without looking at weights.
    /// </summary>
    public required int StepsPerSum { get; init; }

    /// <summary>Wraps the sum; null when it is the accumulator already.</summary>
    public required ConversionSpec? Finish { get; init; }

    /// <summary>Whether products that have a format of their own never leave it.</summary>
    public bool ProductsFit { get; init; }

    /// <summary>Whether nothing ever overflows, as far as is known here.</summary>
    public bool IsExact => ProductsFit && !Saturates && Finish is null && Part == WeightPart.Whole;

    /// <summary>Every accumulator.</summary>
    public required ExactRange Range { get; init; }

    /// <summary>
    /// Which 16 bits of the shifted weight are packed. Weights too wide for one operand are taken
    /// in two parts: <c>floor(x * (high * 2^16 + low) / 2^16) = x * high + floor(x * low /
    /// 2^16)</c>.
    /// </summary>
    public WeightPart Part { get; init; }

    /// <summary>A weight as it is packed.</summary>
    public int Weight(int weight)
    {
        long shifted = (Term == ShortTerm.NegatedRounded ? -(long)weight : weight) << WeightShift;
        return (int)(
            Part == WeightPart.High ? (shifted - (short)shifted) >> LaneBits : (short)shifted);
    }

    /// <summary>What an input and a whole weight add to a 16-bit sum.</summary>
    public long TermOf(long x, int weight)
    {
        long product = (x << InputShift) * Weight(weight);
        return Term switch
        {
            ShortTerm.Whole => product,
            ShortTerm.Floored => product >> LaneBits,
            ShortTerm.Rounded or ShortTerm.NegatedRounded =>
                (product + (1 << (LaneBits - 2))) >> (LaneBits - 1),
        };
    }

    /// <summary>Null when the layer is not of this kind.</summary>
    public static ShortSum? Of(MacLayer layer, TensorLayout input)
    {
        MacSpec mac = layer.Mac;
        bool converts = mac.ProductStage == ProductStage.Converted;
        int dropped = converts ? mac.Product.Shift : mac.Update.Shift - mac.PartialAlign;
        bool oneTerm = mac.AccumulatorAlign == mac.Update.Shift && (converts
            ? mac.Update.Shift == mac.PartialAlign && dropped >= 0
            : layer.Facts.Lanes == 1);
        RoundingMode rounding = converts ? mac.Product.Rounding : mac.Update.Rounding;
        if (!oneTerm || TermOf(dropped, rounding) is not { } term) return null;
        int scale = term switch
        {
            ShortTerm.Whole => -dropped,
            ShortTerm.Floored => LaneBits - dropped,
            ShortTerm.Rounded or ShortTerm.NegatedRounded => LaneBits - 1 - dropped,
        };
        (long low, long high) = layer.Facts.Multiplied;
        long largest = Math.Max(
            Math.Abs((long)layer.Weights.Min()), Math.Abs((long)layer.Weights.Max()));
        int weightShift = Math.Min(scale, Spare(largest));
        int inputShift = scale - weightShift;
        long most = Math.Max(-low, high);
        bool fits =
            scale >= 0
            && weightShift >= 0
            && inputShift < LaneBits
            && low << inputShift >= short.MinValue
            && high << inputShift <= short.MaxValue;
        bool splits =
            !fits
            && term == ShortTerm.Floored
            && layer.Mac.Update.Bits <= LaneBits
            && low >= short.MinValue
            && high <= short.MaxValue
            && largest <= short.MaxValue;
        if (splits)
            (weightShift, inputShift) = (scale, 0);
        else if (!fits)
            return null;
        long mostTerm =
            term == ShortTerm.Whole ? (most * largest) << scale : ((most * largest) >> dropped) + 1;
        if (converts && !Fits(layer, mostTerm))
            return null;
        return Accumulator(
            layer,
            mostTerm,
            new()
            {
                Term = term,
                WeightShift = weightShift,
                InputShift = inputShift,
                Part = splits ? WeightPart.Low : WeightPart.Whole,
                InputAdd = (int)(input.Offset - mac.InputOffset),
                Saturates = false,
                Lowest = 0,
                Highest = 0,
                StepsPerSum = layer.Depth,
                Finish = null,
                ProductsFit = !converts || Stays(layer.Mac.Product, mostTerm),
                Range = 0,
            }
        );
    }

    /// <summary>
    /// True when no product leaves its format, or products wrap and the accumulator is no wider
    /// than they are.
    /// </summary>
    private static bool Fits(MacLayer layer, long mostTerm)
    {
        ConversionSpec product = layer.Mac.Product;
        ConversionSpec update = layer.Mac.Update;
        return Stays(product, mostTerm)
            || (product is { Overflow: OverflowMode.Wrap, SaturationBits: 0 }
                && update is { Overflow: OverflowMode.Wrap, SaturationBits: 0, Bits: <= LaneBits }
                && update.Bits <= product.Bits);
    }

    private static bool Stays(ConversionSpec product, long mostTerm) =>
        mostTerm <= product.Max && -mostTerm >= Overflow.LowestKept(product);

    private static ShortSum? Accumulator(MacLayer layer, long mostTerm, ShortSum sum)
    {
        ConversionSpec update = layer.Mac.Update;
        sum = sum with { Range = ExactRange.Of(update) };
        if (layer.Facts.IsModular)
            return update is { IsSigned: true, Bits: <= 32 }
                ? PlainSum(layer, mostTerm, sum)
                : null;
        bool saturates =
            update.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            && update.Min >= short.MinValue
            && update.Max <= short.MaxValue;
        return
            saturates
            && sum.Part == WeightPart.Whole
            && mostTerm <= short.MaxValue
            && layer.Facts.Lanes == 1
            && sum.Term != ShortTerm.NegatedRounded
            ? sum with
            {
                Saturates = true,
                Lowest = (short)Overflow.LowestKept(update),
                Highest = (short)update.Max,
            }
            : null;
    }

    /// <summary>
    /// Accumulators of 16 bits are sums modulo 2^16; wider ones gather 16-bit sums before those
    /// could overflow.
    /// </summary>
    private static ShortSum? PlainSum(MacLayer layer, long mostTerm, ShortSum sum)
    {
        ConversionSpec update = layer.Mac.Update;
        ConversionSpec wrap = ConversionSpec.Into(
            new(update.Bits, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Wrap);
        if (update.Bits <= LaneBits) return sum with { StepsPerSum = layer.Depth, Finish = wrap };
        int steps = (int)(short.MaxValue / Math.Max(1, mostTerm));
        return steps < FewestSteps
            ? null
            : sum with
            {
                StepsPerSum = steps,
                Finish = layer.Facts.IsExact ? null : wrap,
            };
    }

    private static ShortTerm? TermOf(int dropped, RoundingMode mode) =>
        dropped <= 0 ? ShortTerm.Whole
        : dropped >= LaneBits ? null
        : mode switch
        {
            RoundingMode.TowardNegative => ShortTerm.Floored,
            RoundingMode.NearestTiesTowardPositive => ShortTerm.Rounded,
            RoundingMode.NearestTiesTowardNegative => ShortTerm.NegatedRounded,
            _ => null,
        };

    /// <summary>Left shifts that keep the magnitude below 2^15; -1 when it is not.</summary>
    private static int Spare(long magnitude) =>
        magnitude > short.MaxValue
            ? -1
            : LaneBits - 2 - (magnitude == 0 ? 0 : (int)Math.Log2(magnitude));
}
