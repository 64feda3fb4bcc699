namespace QSim.Kernels.Arithmetic;

/// <summary>Fitting a rounded integer into a format (ARITHMETIC.md section 3).</summary>
public static class Overflow
{
    /// <summary>True when <paramref name="rounded"/> has to be changed to fit.</summary>
    public static bool Happens(long rounded, in ConversionSpec spec) =>
        rounded > spec.Max || rounded < LowestKept(spec);

    /// <summary>
    /// The raw value that <paramref name="rounded"/> becomes in the target format.
    /// </summary>
    /// <param name="rounded">The value after rounding, exact in 64 bits.</param>
    /// <param name="deletedBit">
    /// For <see cref="OverflowMode.WrapSignMagnitude"/>: the lowest bit that the target has no room for,
    /// of the unrounded source (dialect ap) or of the rounded value (dialect systemc); 0 or 1.
    /// </param>
    /// <param name="spec">The target's range and mode.</param>
    public static long Fit(long rounded, int deletedBit, in ConversionSpec spec)
    {
        bool happens = Happens(rounded, spec);
        return spec.Overflow switch
        {
            OverflowMode.Wrap => happens ? Wrap(rounded, spec) : rounded,
            OverflowMode.WrapSignMagnitude => happens ? WrapSignMagnitude(rounded, deletedBit, spec) : rounded,
            OverflowMode.SaturateToZero => happens ? 0 : rounded,
            _ => !happens ? rounded : rounded < 0 ? LowestKept(spec) : spec.Max,
        };
    }

    private static long LowestKept(in ConversionSpec spec) =>
        spec.Overflow == OverflowMode.SaturateSymmetric && spec.IsSigned ? -spec.Max : spec.Min;

    private static long Wrap(long rounded, in ConversionSpec spec)
    {
        // Filled in with the rest of section 3; n = 0 keeps the low bits.
        int unused = 64 - spec.Bits;
        return spec.IsSigned ? rounded << unused >> unused : (long)((ulong)rounded << unused >> unused);
    }

    private static long WrapSignMagnitude(long rounded, int deletedBit, in ConversionSpec spec) =>
        Wrap(rounded, spec) ^ deletedBit;
}
