namespace QSim.Kernels.Arithmetic;

/// <summary>
/// Format to format: rounding first, then overflow. No allocation, no throw: kernels call this.
/// </summary>
internal static class Conversion
{
    /// <summary>
    /// Effectively computes <c>Fit(Round(raw / 2^Shift))</c>, exactly for every shift, however far
    /// left.
    /// </summary>
    /// <param name="raw">The source's raw value.</param>
    /// <param name="spec">Shift, range and modes.</param>
    /// <param name="events">Collects what happened; flags already set stay set.</param>
    /// <param name="random">64 uniform bits for stochastic rounding; others ignore it.</param>
    public static long Convert(
        long raw, in ConversionSpec spec, ref ConversionEvents events, ulong random = 0)
    {
        if (spec.Shift < 0) return ConvertGainingBits(raw, spec, ref events);
        long rounded = raw;
        if (spec.Shift > 0)
        {
            rounded = Rounding.ShiftRight(raw, spec.Shift, spec.Rounding, random);
            if (Rounding.IsInexact(raw, spec.Shift)) events |= ConversionEvents.Inexact;
        }

        if (!Overflow.Happens(rounded, spec)) return rounded;
        events |= ConversionEvents.Overflowed;
        return Overflow.Replace(rounded, raw < 0, DeletedBit(raw, rounded, spec), spec);
    }

    /// <summary>
    /// The bit that <see cref="Overflow.Fit"/> asks for, for a shift of 0 or more.
    /// </summary>
    internal static int DeletedBit(long raw, long rounded, in ConversionSpec spec) =>
        spec.Dialect == OverflowDialect.SystemC
            ? Overflow.Bit(rounded, spec.Bits)
            : Overflow.Bit(raw, spec.Bits + spec.Shift);

    /// <summary>
    /// The range is compared in the source's coarser steps, for raw * 2^left may not fit a long.
    /// </summary>
    private static long ConvertGainingBits(
        long raw, in ConversionSpec spec, ref ConversionEvents events)
    {
        int left = -spec.Shift;
        long lowest = Overflow.LowestKept(spec);
        long least = Rounding.Floor(lowest, left) + (Rounding.IsInexact(lowest, left) ? 1 : 0);
        long low = left < 64 ? raw << left : 0;
        if (raw >= least && raw <= Rounding.Floor(spec.Max, left)) return low;
        events |= ConversionEvents.Overflowed;
        int deletedBit = left > spec.Bits ? 0 : Overflow.Bit(raw, spec.Bits - left);
        return Overflow.Replace(low, raw < 0, deletedBit, spec);
    }
}
