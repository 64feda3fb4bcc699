namespace QSim.Kernels.Arithmetic;

/// <summary>Dropping low bits (ARITHMETIC.md section 2). No allocation, no throw: kernels call this.</summary>
public static class Rounding
{
    /// <summary>
    /// Effectively computes <c>floor(value / 2^shift)</c>, plus 1 where <paramref name="mode"/> says so.
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

    private static long Floor(long value, int shift) => value >> (shift < 64 ? shift : 63);

    private static bool AddsOne(long value, int shift, RoundingMode mode, ulong random)
    {
        bool negative = value < 0;
        bool odd = (Floor(value, shift) & 1) != 0;
        bool half = ((value >> (shift <= 64 ? shift - 1 : 63)) & 1) != 0;
        bool sticky = IsInexact(value, shift - 1);
        return mode switch
        {
            RoundingMode.TowardZero => negative && (half || sticky),
            RoundingMode.TowardPositive => half || sticky,
            RoundingMode.NearestTiesTowardPositive => half,
            RoundingMode.NearestTiesTowardNegative => half && sticky,
            RoundingMode.NearestTiesTowardZero => half && (negative || sticky),
            RoundingMode.NearestTiesAway => half && (!negative || sticky),
            RoundingMode.NearestTiesToEven => half && (odd || sticky),
            RoundingMode.NearestTiesToOdd => half && (!odd || sticky),
            RoundingMode.Stochastic => RemainderExceeds(value, shift, random),
            _ => false,
        };
    }

    /// <summary>r &gt; u, both as 64-bit fractions of 2^shift.</summary>
    private static bool RemainderExceeds(long value, int shift, ulong random)
    {
        if (shift > 64) return (value < 0 ? ulong.MaxValue : 0) > random;
        int unused = 64 - shift;
        return (ulong)value << unused > random >> unused << unused;
    }
}
