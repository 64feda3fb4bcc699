using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// The sum of a position's exponentials where a softmax divides by it, and each one's share of it.
/// Blittable; every backend calls these methods.
/// </summary>
/// <param name="Kind">One of the kinds that divide.</param>
/// <param name="Factor">What the whole is: 256 for shares in steps of 1/256.</param>
internal readonly record struct SoftmaxSum(SoftmaxKind Kind, long Factor)
{
    private const int AccumulatorBits = 12;
    private const int ShareBits = 23;

    private long Integer { get; init; }

    private Binary32 Real { get; init; }

    /// <summary>The sum after one more entry of the table, in the order of the channels.</summary>
    public SoftmaxSum Plus(int entry) => Kind switch
    {
        SoftmaxKind.Float32 or SoftmaxKind.Litert => this with
        {
            Real = Binary32.Add(Real, Entry(entry)),
        },
        SoftmaxKind.Gemmlowp => this with
        {
            Integer = Integer
                + Rounding.ShiftRight(entry, AccumulatorBits, RoundingMode.NearestTiesAway),
        },
        _ => this with { Integer = Integer + entry },
    };

    /// <summary>An entry's share in steps of the output, without the zero point.</summary>
    public long Share(int entry, ref ConversionEvents events)
    {
        bool inexact = false;
        long share = Kind switch
        {
            SoftmaxKind.Float32 => OfReal(entry, ref inexact),
            SoftmaxKind.Litert => OfReciprocal(entry, ref inexact),
            SoftmaxKind.Gemmlowp => OfGemmlowp(entry, ref inexact),
            _ => OfInteger(entry, ref inexact),
        };
        if (inexact) events |= ConversionEvents.Inexact;
        return share;
    }

    /// <summary>A float32 as a table holds it.</summary>
    private static Binary32 Entry(int bits)
    {
        int fraction = bits & 0x7FFFFF;
        int biased = (bits >> 23) & 0xFF;
        return new(biased == 0 ? fraction : fraction | 0x800000, (biased == 0 ? 1 : biased) - 150);
    }

    private long OfInteger(int entry, ref bool inexact)
    {
        long whole = entry * Factor;
        if (Integer == 0) return 0;
        if (whole % Integer != 0) inexact = true;
        return (whole + (Integer >> 1)) / Integer;
    }

    private long OfReal(int entry, ref bool inexact)
    {
        if (Real.Significand == 0) return 0;
        Binary32 whole = Binary32.Multiply(Entry(entry), Binary32.OfInteger(Factor));
        return Binary32.Divide(whole, Real).ToInteger(ref inexact);
    }

    private long OfReciprocal(int entry, ref bool inexact)
    {
        if (Real.Significand == 0) return 0;
        Binary32 reciprocal = Binary32.Divide(Binary32.OfInteger(Factor), Real);
        return Binary32.Multiply(Entry(entry), reciprocal)
            .ToInteger(RoundingMode.NearestTiesAway, ref inexact);
    }

    /// <summary>
    /// The reciprocal of the sum, scaled to [1, 2), by three Newton steps in fixed point (gemmlowp,
    /// one_over_one_plus_x_for_x_in_0_1), times the entry.
    /// </summary>
    private long OfGemmlowp(int entry, ref bool inexact)
    {
        const long Most = int.MaxValue;
        int headroom = 32 - Float32.BitLength(Integer);
        long aboveOne = (Integer << headroom) - (1L << 31);
        long half = (aboveOne + Most + 1) >> 1;
        long x = 1515870810 + Requantizer.HighMultiply(half, -1010580540);
        for (int step = 0; step < 3; step++)
        {
            long rest = (1L << 29) - Requantizer.HighMultiply(half, (int)x);
            x += Saturated(Requantizer.HighMultiply(x, (int)rest) << 2);
        }

        long share = Requantizer.HighMultiply(Saturated(x << 1), entry);
        int shift = AccumulatorBits - headroom + ShareBits;
        inexact = Rounding.IsInexact(share, shift);
        return Rounding.ShiftRight(share, shift, RoundingMode.NearestTiesAway);
    }

    private static long Saturated(long value) =>
        value > int.MaxValue ? int.MaxValue : value < int.MinValue ? int.MinValue : value;
}
