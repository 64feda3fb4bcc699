using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>A scale per channel, then one shift with rounding for all.</summary>
/// <param name="Scales">Integer factors.</param>
/// <param name="Shift">Bits that are dropped afterwards.</param>
/// <param name="Mode">How.</param>
internal sealed record ScaledRounding(long[] Scales, int Shift, RoundingMode Mode)
{
    /// <summary>The widest intermediate, and the range that comes out.</summary>
    public (int Bits, ExactRange Result) Of(ExactRange value)
    {
        ExactRange product = value * new ExactRange(Scales.Min(), Scales.Max());
        ExactRange widest = product + new ExactRange(-1, (BigInteger.One << Shift) + 1);
        return (widest.Bits, new(widest.Low >> Shift, widest.High >> Shift));
    }
}

/// <summary>The scaling part of a layer's requantization.</summary>
/// <param name="First">The only one, or the multiplication of the double-rounding kind.</param>
/// <param name="Second">The second rounding of the double-rounding kind.</param>
internal sealed record OutputScaling(ScaledRounding First, ScaledRounding? Second)
{
    private const int MostShift = 62;

    /// <summary>
    /// The scaling that all channels share; null when they do not or vectors have no form of it.
    /// </summary>
    public static OutputScaling? Of(Requantization[] channels)
    {
        Requantization one = channels[0];
        bool alike = channels.All(c =>
            c.Kind == one.Kind && c.Output with { Shift = 0 } == one.Output with { Shift = 0 }
        );
        bool fits =
            one.Output.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            || one.Output is { Overflow: OverflowMode.Wrap, SaturationBits: 0, IsSigned: true };
        if (!alike || !fits || one.Output.Rounding == RoundingMode.Stochastic) return null;
        return one.Kind switch
        {
            RequantizationKind.Shift => Shifts(
                [.. channels.Select(c => 1L)], [.. channels.Select(c => c.Output.Shift)],
                one.Output.Rounding)
                is { } rounding
                ? new(rounding, null)
                : null,
            RequantizationKind.MultiplierSingle => Shifts(
                [.. channels.Select(c => (long)c.Multiplier)],
                [.. channels.Select(c => c.MultiplierShift)],
                RoundingMode.NearestTiesTowardPositive)
                is { } rounding
                ? new(rounding, null)
                : null,
            RequantizationKind.MultiplierDouble => Double(channels),
            _ => null,
        };
    }

    /// <summary>True when lanes of the given width hold every intermediate.</summary>
    public bool Fits(ExactRange accumulators, Requantization[] channels, int laneBits)
    {
        (int bits, ExactRange value) = First.Of(accumulators);
        if (bits > laneBits) return false;
        if (Second is not null)
        {
            (bits, value) = Second.Of(value);
            if (bits > laneBits) return false;
        }

        value += new ExactRange(channels.Min(c => c.ZeroPoint), channels.Max(c => c.ZeroPoint));
        return value.Bits <= laneBits;
    }

    /// <summary>The largest shift for all: channels that shift less are scaled up first.</summary>
    private static ScaledRounding? Shifts(long[] scales, int[] shifts, RoundingMode mode)
    {
        int shift = Math.Max(0, shifts.Max());
        bool representable = shift <= MostShift && scales.Zip(shifts).All(
            s => (new BigInteger(s.First) << (shift - s.Second)).GetBitLength() <= MostShift);
        return representable
            ? new([.. scales.Zip(shifts, (scale, own) => scale << (shift - own))], shift, mode)
            : null;
    }

    private static OutputScaling? Double(Requantization[] channels)
    {
        // SRDHM's one saturating product needs the smallest multiplier.
        if (channels.Any(c => c.Multiplier == int.MinValue || c.MultiplierShift < -30))
            return null;
        long[] multipliers =
        [
            .. channels.Select(c => (long)c.Multiplier << Math.Max(0, -c.MultiplierShift)),
        ];
        ScaledRounding? second = Shifts(
            [.. channels.Select(_ => 1L)],
            [.. channels.Select(c => Math.Max(0, c.MultiplierShift))],
            RoundingMode.NearestTiesAway);
        return second is null
            ? null
            : new(new(multipliers, 31, RoundingMode.NearestTiesTowardPositive), second);
    }
}
