namespace QSim.Kernels.Arithmetic;

/// <summary>
/// Dropping low bits (ARITHMETIC.md section 2). No allocation, no throw: kernels call this.
/// </summary>
internal static class Rounding
{
    /// <summary>
    /// Effectively computes <c>floor(value / 2^shift)</c>, plus 1 where <paramref name="mode"/>
    /// says so.
    /// </summary>
    /// <param name="value">The raw source value.</param>
    /// <param name="shift">Bits to drop, at least 1; 64 and more are legal.</param>
    /// <param name="mode">What decides about the extra 1.</param>
    /// <param name="random">
    /// For <see cref="RoundingMode.Stochastic"/>: 64 uniform bits, of which the top
    /// <paramref name="shift"/> make u. Other modes ignore it.
    /// </param>
    public static long ShiftRight(long value, int shift, RoundingMode mode, ulong random = 0) =>
        Floor(value, shift) + (AddsOne(value, shift, mode, random) ? 1 : 0);

    /// <summary>True when a bit that the shift drops is set.</summary>
    public static bool IsInexact(long value, int shift) =>
        shift > 0 && (shift < 64 ? value << (64 - shift) : value) != 0;

    /// <summary>
    /// Effectively computes <c>floor(value / 2^shift)</c> for a shift of 0 or more.
    /// </summary>
    public static long Floor(long value, int shift) => value >> (shift < 64 ? shift : 63);

    /// <summary>
    /// The same for a divisor that need not be a power of two: <c>floor(value / divisor)</c>, plus
    /// 1 where <paramref name="mode"/> says so of the remainder.
    /// </summary>
    /// <param name="value">The dividend.</param>
    /// <param name="divisor">1..2^31.</param>
    /// <param name="mode">What decides about the extra 1.</param>
    /// <param name="random">
    /// For <see cref="RoundingMode.Stochastic"/>: u = random * divisor / 2^64.
    /// </param>
    public static long Divide(long value, long divisor, RoundingMode mode, ulong random = 0)
    {
        long quotient = value / divisor;
        long remainder = value - (quotient * divisor);
        if (remainder < 0)
        {
            quotient--;
            remainder += divisor;
        }

        // u's integer part, in two halves so that no product needs more than 64 bits.
        ulong low = (random & uint.MaxValue) * (ulong)divisor;
        ulong u = (((random >> 32) * (ulong)divisor) + (low >> 32)) >> 32;
        bool half = remainder * 2 >= divisor;
        bool sticky = remainder != 0 && remainder * 2 != divisor;
        bool adds = mode == RoundingMode.Stochastic
            ? (ulong)remainder > u
            : AddsOne(mode, value < 0, (quotient & 1) != 0, half, sticky);
        return quotient + (adds ? 1 : 0);
    }

    private static bool AddsOne(long value, int shift, RoundingMode mode, ulong random)
    {
        if (mode == RoundingMode.Stochastic) return RemainderExceeds(value, shift, random);
        bool half = ((value >> (shift <= 64 ? shift - 1 : 63)) & 1) != 0;
        bool sticky = IsInexact(value, shift - 1);
        return AddsOne(mode, value < 0, (Floor(value, shift) & 1) != 0, half, sticky);
    }

    /// <summary>
    /// The table of section 2, for one value: whether the result is one more than the floor.
    /// <see cref="Addend"/> is the same table for many values at once.
    /// </summary>
    /// <param name="mode">Any mode but stochastic.</param>
    /// <param name="negative">Whether the value is below 0.</param>
    /// <param name="odd">Whether its floor is odd.</param>
    /// <param name="half">Whether the remainder is half a step or more.</param>
    /// <param name="sticky">
    /// Whether a bit below the half is set; where it is not, whether the remainder is neither 0 nor
    /// one half will do as well.
    /// </param>
    public static bool AddsOne(
        RoundingMode mode, bool negative, bool odd, bool half, bool sticky) =>
        mode switch
        {
            RoundingMode.TowardZero => negative && (half || sticky),
            RoundingMode.TowardPositive => half || sticky,
            RoundingMode.NearestTiesTowardPositive => half,
            RoundingMode.NearestTiesTowardNegative => half && sticky,
            RoundingMode.NearestTiesTowardZero => half && (negative || sticky),
            RoundingMode.NearestTiesAway => half && (!negative || sticky),
            RoundingMode.NearestTiesToEven => half && (odd || sticky),
            RoundingMode.NearestTiesToOdd => half && (!odd || sticky),
            _ => false,
        };

    /// <summary>
    /// The same table without a branch: with <c>v = q*2^s + r</c> the result is
    /// <c>q + ((r + a) &gt;&gt; s)</c>, where a is the sum of the addends that apply to v.
    /// </summary>
    /// <param name="mode">Any mode but stochastic.</param>
    /// <param name="shift">Bits to drop; 62 at most.</param>
    internal static RoundingAddend Addend(RoundingMode mode, int shift)
    {
        if (shift <= 0) return default;
        long half = 1L << (shift - 1);
        long all = (1L << shift) - 1;
        return mode switch
        {
            RoundingMode.TowardZero => new(0, IfNegative: all),
            RoundingMode.TowardPositive => new(all),
            RoundingMode.NearestTiesTowardPositive => new(half),
            RoundingMode.NearestTiesTowardNegative => new(half - 1),
            RoundingMode.NearestTiesTowardZero => new(half - 1, IfNegative: 1),
            RoundingMode.NearestTiesAway => new(half, IfNegative: -1),
            RoundingMode.NearestTiesToEven => new(half - 1, IfOdd: 1),
            RoundingMode.NearestTiesToOdd => new(half, IfOdd: -1),
            _ => default,
        };
    }

    /// <summary>
    /// True when rounding a sum of whole steps and a rest equals adding the steps to the rounded
    /// rest: the mode looks neither at the sign nor at the parity of what it rounds.
    /// </summary>
    public static bool CommutesWithWholeSteps(RoundingMode mode) =>
        mode != RoundingMode.Stochastic && Addend(mode, 2) is { IfNegative: 0, IfOdd: 0 };

    /// <summary>r &gt; u, both as fractions of 2^shift; beyond 64 bits u's lowest are 0.</summary>
    private static bool RemainderExceeds(long value, int shift, ulong random)
    {
        if (shift > 64)
        {
            ulong top = (ulong)Floor(value, shift - 64);
            return top > random || (top == random && IsInexact(value, shift - 64));
        }

        int unused = 64 - shift;
        return (ulong)value << unused > random >> unused << unused;
    }
}

/// <summary>What rounding adds to a remainder before it is shifted out.</summary>
/// <param name="Always">Whatever the value.</param>
/// <param name="IfNegative">Beside that, where the value is below 0.</param>
/// <param name="IfOdd">Beside that, where the value's floor is odd.</param>
internal readonly record struct RoundingAddend(long Always, long IfNegative = 0, long IfOdd = 0);
