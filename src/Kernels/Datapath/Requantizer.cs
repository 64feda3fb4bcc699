using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Accumulator to output (ARITHMETIC.md section 5): scale and round as the kind says, add the zero
/// point, apply the fused activation, fit. No allocation, no throw: kernels call this.
/// </summary>
internal static class Requantizer
{
    /// <summary>The formula that <see cref="RequantizationKind"/> states.</summary>
    /// <param name="accumulator">The raw accumulator.</param>
    /// <param name="spec">The output channel's requantization.</param>
    /// <param name="events">
    /// Collects what happened: inexact when any rounding of the formula dropped a set bit,
    /// overflowed when the last step did not fit. The activation is no event.
    /// </param>
    /// <param name="random">64 uniform bits for stochastic rounding; others ignore it.</param>
    public static long Requantize(
        long accumulator, in Requantization spec, ref ConversionEvents events, ulong random = 0)
    {
        bool inexact = false;
        long unrounded = 0;
        long rounded = spec.Kind switch
        {
            RequantizationKind.MultiplierDouble => MultiplyDouble(accumulator, spec, ref inexact),
            RequantizationKind.MultiplierSingle => MultiplySingle(accumulator, spec, ref inexact),
            RequantizationKind.Real => Float32.ScaleToInteger(
                accumulator, spec.RealMantissa, spec.RealExponent, spec.Output.Rounding,
                ref inexact),
            RequantizationKind.RealOnce => RealOnce(accumulator, spec, ref inexact),
            _ => Shift(accumulator, spec.Output, random, ref inexact, ref unrounded),
        };
        if (spec.Kind != RequantizationKind.Shift) unrounded = rounded;
        if (inexact) events |= ConversionEvents.Inexact;
        return Fit(Activate(rounded, spec), Activate(unrounded, spec), spec.Output, ref events);
    }

    /// <summary>
    /// gemmlowp's SaturatingRoundingDoublingHighMul: <c>round(a * b / 2^31)</c>, ties toward
    /// +infinity; the one product that does not fit 32 bits, of the smallest int32 with itself,
    /// saturates.
    /// </summary>
    public static long HighMultiply(long a, int b) =>
        a == int.MinValue && b == int.MinValue
            ? int.MaxValue
            : Rounding.ShiftRight(a * b, 31, RoundingMode.NearestTiesTowardPositive);

    private static long Shift(
        long accumulator, in ConversionSpec output, ulong random, ref bool inexact,
        ref long unrounded)
    {
        inexact = Rounding.IsInexact(accumulator, output.Shift);
        unrounded = output.Shift < 0
            ? accumulator << -output.Shift
            : Rounding.Floor(accumulator, output.Shift);
        return output.Shift > 0
            ? Rounding.ShiftRight(accumulator, output.Shift, output.Rounding, random)
            : unrounded;
    }

    private static long MultiplyDouble(long accumulator, in Requantization spec, ref bool inexact)
    {
        int right = spec.MultiplierShift;
        long shifted = right < 0 ? accumulator << -right : accumulator;
        long high = HighMultiply(shifted, spec.Multiplier);
        inexact =
            Rounding.IsInexact(shifted * spec.Multiplier, 31) || Rounding.IsInexact(high, right);
        return right > 0 ? Rounding.ShiftRight(high, right, RoundingMode.NearestTiesAway) : high;
    }

    private static long MultiplySingle(long accumulator, in Requantization spec, ref bool inexact)
    {
        long product = accumulator * spec.Multiplier;
        inexact = Rounding.IsInexact(product, spec.MultiplierShift);
        return Rounding.ShiftRight(
            product, spec.MultiplierShift, RoundingMode.NearestTiesTowardPositive);
    }

    /// <summary>
    /// Less the zero point, which <see cref="Activate"/> adds to every kind's integer.
    /// </summary>
    private static long RealOnce(long accumulator, in Requantization spec, ref bool inexact)
    {
        var bias = new Binary32(spec.BiasMantissa, spec.BiasExponent);
        var scale = new Binary32(spec.RealMantissa, spec.RealExponent);
        Binary32 sum = Binary32.Add(Binary32.OfInteger(accumulator), bias);
        Binary32 shifted = Binary32.Add(
            Binary32.Multiply(sum, scale), Binary32.OfInteger(spec.ZeroPoint));
        return shifted.ToInteger(spec.Output.Rounding, ref inexact) - spec.ZeroPoint;
    }

    private static long Activate(long value, in Requantization spec)
    {
        long shifted = value + spec.ZeroPoint;
        long raised = shifted < spec.ClampMin ? spec.ClampMin : shifted;
        return raised > spec.ClampMax ? spec.ClampMax : raised;
    }

    private static long Fit(
        long value, long unrounded, in ConversionSpec output, ref ConversionEvents events)
    {
        if (!Overflow.Happens(value, output)) return value;
        events |= ConversionEvents.Overflowed;
        long source = output.Dialect == OverflowDialect.SystemC ? value : unrounded;
        return Overflow.Replace(value, value < 0, Overflow.Bit(source, output.Bits), output);
    }
}
