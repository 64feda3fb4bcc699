namespace QSim.Kernels.Arithmetic;

/// <summary>Format to format: rounding first, then overflow. No allocation, no throw: kernels call this.</summary>
public static class Conversion
{
    /// <summary>
    /// Effectively computes <c>Fit(Round(raw / 2^Shift))</c>.
    /// </summary>
    /// <param name="raw">The source's raw value.</param>
    /// <param name="spec">Shift, range and modes.</param>
    /// <param name="events">Collects what happened; flags already set stay set.</param>
    /// <param name="random">64 uniform bits for stochastic rounding; others ignore it.</param>
    public static long Convert(long raw, in ConversionSpec spec, ref ConversionEvents events, ulong random = 0)
    {
        long rounded = raw;
        if (spec.Shift > 0)
        {
            rounded = Rounding.ShiftRight(raw, spec.Shift, spec.Rounding, random);
            if (Rounding.IsInexact(raw, spec.Shift)) events |= ConversionEvents.Inexact;
        }
        else if (spec.Shift < 0)
        {
            rounded = raw << -spec.Shift;
        }

        if (Overflow.Happens(rounded, spec)) events |= ConversionEvents.Overflowed;
        return Overflow.Fit(rounded, 0, spec);
    }
}
