using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// How a unit averages a window: what its sum passes through, and what stands for the division.
/// Blittable; every backend calls these methods.
/// </summary>
/// <param name="Rounding">Rounding of the mean.</param>
/// <param name="Multiplier">
/// The mean is <c>sum * Multiplier / 2^Shift</c> whatever the window covers; 0 divides the sum by
/// the number of values, padding left out.
/// </param>
/// <param name="Shift">Bits dropped after the multiplication.</param>
/// <param name="HasRegister">1 when every sum is fitted into <paramref name="Register"/>.</param>
/// <param name="Register">The accumulator, its binary point the input's.</param>
public readonly record struct AverageUnit(
    RoundingMode Rounding, long Multiplier = 0, int Shift = 0, int HasRegister = 0,
    ConversionSpec Register = default)
{
    /// <summary>The sum after one more value, in window order: row, then column.</summary>
    public long Add(long sum, long raw, ref ConversionEvents events) =>
        HasRegister == 0 ? sum + raw : Conversion.Convert(sum + raw, Register, ref events);

    /// <summary>The rounded mean, not yet fitted to the output.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="count">How many values it is of.</param>
    /// <param name="random">64 uniform bits for stochastic rounding; others ignore it.</param>
    /// <param name="events">Inexact when rounding changed the quotient.</param>
    public long Mean(long sum, int count, ulong random, ref ConversionEvents events)
    {
        if (Multiplier == 0)
        {
            if (sum % count != 0) events |= ConversionEvents.Inexact;
            return Arithmetic.Rounding.Divide(sum, count, Rounding, random);
        }

        long product = sum * Multiplier;
        if (Arithmetic.Rounding.IsInexact(product, Shift)) events |= ConversionEvents.Inexact;
        return Arithmetic.Rounding.ShiftRight(product, Shift, Rounding, random);
    }
}
