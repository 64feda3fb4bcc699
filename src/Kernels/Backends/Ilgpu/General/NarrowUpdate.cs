using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// An accumulator's update in 32 bits: what <see cref="Conversion.Convert"/> does, for the layers
/// whose every intermediate fits. A GPU takes several instructions for each of 64 bits. Blittable;
/// constants where the kernel is compiled.
/// </summary>
/// <param name="AccumulatorAlign">Left shift of the accumulator.</param>
/// <param name="PartialAlign">Left shift of a partial sum.</param>
/// <param name="Shift">Bits that are dropped.</param>
/// <param name="Always">What rounding adds before.</param>
/// <param name="IfNegative">Beside that, to a sum below 0.</param>
/// <param name="IfOdd">Beside that, where the floor is odd.</param>
/// <param name="Low">The smallest value that stays as it is.</param>
/// <param name="High">The largest.</param>
/// <param name="Outside">What becomes of others.</param>
/// <param name="Unused">Bits of 32 that the accumulator has not.</param>
internal readonly record struct NarrowUpdate(
    int AccumulatorAlign, int PartialAlign, int Shift, int Always, int IfNegative, int IfOdd,
    int Low, int High, NarrowOverflow Outside, int Unused)
{
    /// <summary>Widest intermediate: one bit is left for what rounding adds.</summary>
    private const int MostBits = 31;

    /// <summary>A layer's, or null where 32 bits are too few or the mode is a rare one.</summary>
    public static NarrowUpdate? Of(MacLayer layer)
    {
        MacSpec mac = layer.Mac;
        bool isNarrow = mac.ProductStage != ProductStage.Converted
            && layer.Facts.Chain.Widths().All(w => w.Bits <= MostBits);
        return isNarrow ? Of(mac.Update, mac.AccumulatorAlign, mac.PartialAlign) : null;
    }

    /// <summary>
    /// That of sums of at most 31 bits, or null where the update's mode is a rare one.
    /// </summary>
    /// <param name="update">The conversion.</param>
    /// <param name="accumulatorAlign">Left shift of the accumulator.</param>
    /// <param name="partialAlign">Left shift of a partial sum.</param>
    internal static NarrowUpdate? Of(
        ConversionSpec update, int accumulatorAlign, int partialAlign)
    {
        if (update.DrawsRandomBits || update.Bits > MostBits || update.Shift is < 0 or >= MostBits
            || OverflowOf(update) is not { } outside)
            return null;
        RoundingAddend rounding = Rounding.Addend(update.Rounding, update.Shift);
        return new(
            accumulatorAlign, partialAlign, update.Shift, (int)rounding.Always,
            (int)rounding.IfNegative, (int)rounding.IfOdd, (int)Overflow.LowestKept(update),
            (int)update.Max, outside, 32 - update.Bits);
    }

    /// <summary>A sum without the bits that the accumulator drops.</summary>
    /// <param name="sum">Accumulator and partial sum at their common binary point.</param>
    public int Round(int sum)
    {
        int addend = Always;
        if (IfNegative != 0) addend += (sum >> 31) & IfNegative;
        if (IfOdd != 0) addend += -((sum >> Shift) & 1) & IfOdd;
        return (sum + addend) >> Shift;
    }

    /// <summary>What the accumulator makes of a rounded sum.</summary>
    public int Fit(int rounded)
    {
        if (Outside == NarrowOverflow.WrapSigned) return rounded << Unused >> Unused;
        if (Outside == NarrowOverflow.WrapUnsigned) return rounded & High;
        int clamped = IntrinsicMath.Clamp(rounded, Low, High);
        return Outside == NarrowOverflow.ToZero && clamped != rounded ? 0 : clamped;
    }

    /// <summary>The bits that are dropped.</summary>
    public int Dropped(int sum) => sum & ((1 << Shift) - 1);

    private static NarrowOverflow? OverflowOf(ConversionSpec update) => update.Overflow switch
    {
        OverflowMode.Saturate or OverflowMode.SaturateSymmetric => NarrowOverflow.Saturate,
        OverflowMode.SaturateToZero => NarrowOverflow.ToZero,
        OverflowMode.Wrap when update.SaturationBits == 0 => update.IsSigned
            ? NarrowOverflow.WrapSigned
            : NarrowOverflow.WrapUnsigned,
        _ => null,
    };
}

/// <summary>What becomes of a sum outside the accumulator's range.</summary>
internal enum NarrowOverflow
{
    /// <summary>The end of the range.</summary>
    Saturate,

    ToZero,

    /// <summary>Its low bits, the top one a sign.</summary>
    WrapSigned,

    /// <summary>Its low bits.</summary>
    WrapUnsigned,
}
