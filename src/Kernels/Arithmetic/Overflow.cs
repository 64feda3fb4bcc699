namespace QSim.Kernels.Arithmetic;

/// <summary>
/// Fitting a rounded integer into a format (ARITHMETIC.md section 3). Kernels call this.
/// </summary>
internal static class Overflow
{
    /// <summary>True when <paramref name="rounded"/> has to be changed to fit.</summary>
    public static bool Happens(long rounded, in ConversionSpec spec) =>
        rounded > spec.Max || rounded < LowestKept(spec);

    /// <summary>
    /// The smallest raw value that stays as it is: <c>Min</c>, but <c>-Max</c> for SAT_SYM.
    /// </summary>
    public static long LowestKept(in ConversionSpec spec) =>
        spec.Overflow == OverflowMode.SaturateSymmetric && spec.IsSigned ? -spec.Max : spec.Min;

    /// <summary>
    /// The raw value that <paramref name="rounded"/> becomes in the target format.
    /// </summary>
    /// <param name="rounded">The value after rounding, exact in 64 bits.</param>
    /// <param name="deletedBit">
    /// For <see cref="OverflowMode.WrapSignMagnitude"/>: the lowest bit that the target has no room
    /// for, of the unrounded source (dialect ap) or of the rounded value (dialect systemc); 0 or 1.
    /// </param>
    /// <param name="spec">The target's range and mode.</param>
    public static long Fit(long rounded, int deletedBit, in ConversionSpec spec) =>
        Happens(rounded, spec) ? Replace(rounded, rounded < 0, deletedBit, spec) : rounded;

    /// <summary>What a value outside the range becomes.</summary>
    /// <param name="low">The value's low 64 bits.</param>
    /// <param name="negative">The value's sign.</param>
    /// <param name="deletedBit">As for <see cref="Fit"/>.</param>
    /// <param name="spec">The target's range and mode.</param>
    public static long Replace(long low, bool negative, int deletedBit, in ConversionSpec spec) =>
        spec.Overflow switch
        {
            OverflowMode.SaturateToZero => 0,
            OverflowMode.Wrap => Wrap(low, negative, spec),
            OverflowMode.WrapSignMagnitude => spec.IsSigned
                ? WrapSignMagnitude(low, negative, deletedBit, spec)
                : KeepLow(low, spec),
            _ => negative ? LowestKept(spec) : spec.Max,
        };

    /// <summary>
    /// Bit <paramref name="index"/> of a value of which all higher bits are its sign.
    /// </summary>
    internal static int Bit(long value, int index) =>
        (int)((value >> (index < 64 ? index : 63)) & 1);

    private static long Wrap(long low, bool negative, in ConversionSpec spec)
    {
        int n = spec.SaturationBits;
        if (n <= 0) return KeepLow(low, spec);
        if (spec.IsSigned) return KeepLow(WithSaturatedTop(low, negative, spec), spec);
        long top = Ones(spec.Bits - n, spec.Bits);
        bool clears = negative && spec.Dialect == OverflowDialect.SystemC;
        return KeepLow(clears ? low & ~top : low | top, spec);
    }

    private static long WrapSignMagnitude(
        long low, bool negative, int deletedBit, in ConversionSpec spec)
    {
        int n = spec.SaturationBits;
        int sign = negative ? 1 : 0;
        int newTop = Bit(low, spec.Bits - 1);
        if (n <= 0)
        {
            long kept = deletedBit != newTop ? ~low : low;
            return KeepLow(WithBit(kept, spec.Bits - 1, deletedBit), spec);
        }

        bool inverts = n == 1 ? sign != newTop : Bit(low, spec.Bits - n) == sign;
        return KeepLow(WithSaturatedTop(inverts ? ~low : low, negative, spec), spec);
    }

    /// <summary>The sign in the top bit and its opposite in the n - 1 bits below.</summary>
    private static long WithSaturatedTop(long low, bool negative, in ConversionSpec spec)
    {
        long below = Ones(spec.Bits - spec.SaturationBits, spec.Bits - 1);
        return WithBit(negative ? low & ~below : low | below, spec.Bits - 1, negative ? 1 : 0);
    }

    private static long WithBit(long value, int index, int bit) =>
        (value & ~(1L << index)) | ((long)bit << index);

    /// <summary>
    /// Bits from <paramref name="from"/> up to but not including <paramref name="to"/>.
    /// </summary>
    private static long Ones(int from, int to) => LowOnes(to) & ~LowOnes(from);

    private static long LowOnes(int count) => count >= 64 ? -1 : count <= 0 ? 0 : (1L << count) - 1;

    /// <summary>The low W bits, the top one a sign when the target is signed.</summary>
    private static long KeepLow(long value, in ConversionSpec spec)
    {
        int unused = 64 - spec.Bits;
        return spec.IsSigned ? value << unused >> unused : (long)((ulong)value << unused >> unused);
    }
}
