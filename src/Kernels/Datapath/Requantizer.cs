using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Accumulator to output (ARITHMETIC.md section 5). No allocation, no throw: kernels call this.</summary>
public static class Requantizer
{
    /// <summary>The formula that <see cref="RequantizationKind"/> states, then the fused clamp.</summary>
    /// <param name="accumulator">The raw accumulator.</param>
    /// <param name="spec">The output channel's requantization.</param>
    /// <param name="events">Collects what happened; the clamp is no event.</param>
    /// <param name="random">64 uniform bits for stochastic rounding; others ignore it.</param>
    public static long Requantize(
        long accumulator, in Requantization spec, ref ConversionEvents events, ulong random = 0)
    {
        long fitted = spec.Kind switch
        {
            RequantizationKind.MultiplierDouble => Fit(MultiplyDouble(accumulator, spec, ref events), spec, ref events),
            RequantizationKind.MultiplierSingle => Fit(MultiplySingle(accumulator, spec, ref events), spec, ref events),
            RequantizationKind.Real => Fit(MultiplyReal(accumulator, spec, ref events), spec, ref events),
            _ => Shift(accumulator, spec, ref events, random),
        };
        long raised = fitted < spec.ClampMin ? spec.ClampMin : fitted;
        return raised > spec.ClampMax ? spec.ClampMax : raised;
    }

    /// <summary>
    /// gemmlowp's SaturatingRoundingDoublingHighMul: <c>round(a * b / 2^31)</c>, ties toward +infinity;
    /// the one product that does not fit 32 bits, of the smallest int32 with itself, saturates.
    /// </summary>
    public static long HighMultiply(long a, int b) =>
        a == int.MinValue && b == int.MinValue
            ? int.MaxValue
            : Rounding.ShiftRight(a * b, 31, RoundingMode.NearestTiesTowardPositive);

    private static long Shift(
        long accumulator, in Requantization spec, ref ConversionEvents events, ulong random)
    {
        ConversionSpec output = spec.Output;
        if (spec.ZeroPoint == 0) return Conversion.Convert(accumulator, output, ref events, random);
        long rounded = output.Shift switch
        {
            > 0 => Rounding.ShiftRight(accumulator, output.Shift, output.Rounding, random),
            0 => accumulator,
            _ => accumulator << -output.Shift,
        };
        if (Rounding.IsInexact(accumulator, output.Shift)) events |= ConversionEvents.Inexact;
        return Fit(rounded, spec, ref events);
    }

    private static long MultiplyDouble(long accumulator, in Requantization spec, ref ConversionEvents events)
    {
        int right = spec.MultiplierShift;
        long shifted = right < 0 ? accumulator << -right : accumulator;
        long high = HighMultiply(shifted, spec.Multiplier);
        if (Rounding.IsInexact(shifted * spec.Multiplier, 31) || Rounding.IsInexact(high, right))
            events |= ConversionEvents.Inexact;
        return right > 0 ? Rounding.ShiftRight(high, right, RoundingMode.NearestTiesAway) : high;
    }

    private static long MultiplySingle(long accumulator, in Requantization spec, ref ConversionEvents events)
    {
        long product = accumulator * spec.Multiplier;
        if (Rounding.IsInexact(product, spec.MultiplierShift)) events |= ConversionEvents.Inexact;
        return Rounding.ShiftRight(product, spec.MultiplierShift, RoundingMode.NearestTiesTowardPositive);
    }

    private static long MultiplyReal(long accumulator, in Requantization spec, ref ConversionEvents events)
    {
        bool inexact = false;
        long scaled = Float32.ScaleToInteger(accumulator, spec.RealMantissa, spec.RealExponent, ref inexact);
        if (inexact) events |= ConversionEvents.Inexact;
        return scaled;
    }

    /// <summary>Adds the zero point and fits; nothing is left to round.</summary>
    private static long Fit(long rounded, in Requantization spec, ref ConversionEvents events)
    {
        ConversionSpec output = spec.Output;
        long value = rounded + spec.ZeroPoint;
        if (Overflow.Happens(value, output)) events |= ConversionEvents.Overflowed;
        return Overflow.Fit(value, Overflow.Bit(value, output.Bits), output);
    }
}
