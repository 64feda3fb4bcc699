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
internal readonly record struct AverageUnit(
    RoundingMode Rounding, long Multiplier = 0, int Shift = 0, int HasRegister = 0,
    ConversionSpec Register = default)
{
    /// <summary>
    /// A float32 factor in place of the integer one: the mean is
    /// <c>round(float32(sum - count * Zero) * Reciprocal + Offset) + Zero</c>, every operation
    /// rounded to float32; the default is none.
    /// </summary>
    public Binary32 Reciprocal { get; init; }

    /// <summary>What is added before the rounding, where <see cref="Reciprocal"/> is.</summary>
    public Binary32 Offset { get; init; }

    /// <summary>The zero point that <see cref="Reciprocal"/> leaves out.</summary>
    public int Zero { get; init; }

    /// <summary>The mean in float32 where it is used: then all else says nothing.</summary>
    public RealMean Real { get; init; }

    /// <summary>Whether a sum is that of the raw values, in whatever order.</summary>
    public bool IsExactSum => HasRegister == 0 && Real.IsUsed == 0;

    /// <summary>Whether a factor that is the same for every window stands for a division.</summary>
    public bool HasFactor => Multiplier != 0 || Reciprocal.Significand != 0;

    /// <summary>The sum after one more value, in window order: row, then column.</summary>
    public long Add(long sum, long raw, ref ConversionEvents events) =>
        Real.IsUsed != 0 ? Real.Add(sum, raw)
        : HasRegister == 0 ? sum + raw
        : Conversion.Convert(sum + raw, Register, ref events);

    /// <summary>The rounded mean, not yet fitted to the output.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="count">How many values it is of.</param>
    /// <param name="random">64 uniform bits for stochastic rounding; others ignore it.</param>
    /// <param name="events">Inexact when rounding changed the quotient.</param>
    public long Mean(long sum, int count, ulong random, ref ConversionEvents events)
    {
        if (Real.IsUsed != 0) return Real.Of(sum, count, ref events);
        if (Reciprocal.Significand != 0)
        {
            bool inexact = false;
            Binary32 real = Binary32.OfInteger(sum - ((long)count * Zero));
            long mean = Binary32.Add(Binary32.Multiply(real, Reciprocal), Offset)
                .ToInteger(Rounding, ref inexact);
            if (inexact) events |= ConversionEvents.Inexact;
            return mean + Zero;
        }

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
