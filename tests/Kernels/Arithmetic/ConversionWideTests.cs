using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Tests.Oracle;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Arithmetic;

/// <summary>Widths and shifts around 64 bits, where a long runs out, against the oracle.</summary>
public sealed class ConversionWideTests
{
    [Fact]
    public void Convert_WidthsAndShiftsUpTo64AndBeyond_EqualsTheOracle()
    {
        var choose = new Choices(64);
        for (int i = 0; i < 60_000; i++)
        {
            bool isSigned = choose.Chance(0.7);
            int bits = choose.Between(1, isSigned ? 64 : 63);
            int shift = choose.Chance(0.5)
                ? choose.Between(-70, 70)
                : choose.Of(-65, -64, -63, 62, 63, 64, 65, 66);
            ConversionSpec spec = choose.Conversion(bits, isSigned, shift);
            if (spec.Rounding == RoundingMode.Stochastic) continue;
            long raw = choose.Raw(long.MinValue + 1, long.MaxValue) >> choose.Between(0, 63);
            Check(choose.Chance(0.01) ? long.MinValue : raw, spec);
        }
    }

    [Fact]
    public void Divide_EveryModeAndSmallDivisor_EqualsTheOracle()
    {
        foreach (
            RoundingMode mode in Enum.GetValues<RoundingMode>()
                .Where(m => m != RoundingMode.Stochastic)
        )
        {
            for (int divisor = 1; divisor <= 50; divisor++)
            {
                for (int value = -300; value <= 300; value++)
                {
                    BigInteger expected = RoundingOracle.Quantize(
                        new Rational(value, divisor), mode);
                    Assert.True(
                        expected == Rounding.Divide(value, divisor, mode),
                        $"{value} / {divisor} {mode}: not {expected}");
                }
            }
        }
    }

    private static void Check(long raw, ConversionSpec spec)
    {
        var target = new OverflowOracle.Target(
            spec.Bits, spec.IsSigned, spec.Overflow, spec.SaturationBits, spec.Dialect);
        Rational exact = Rational.Scaled(raw, -spec.Shift);
        BigInteger rounded = RoundingOracle.Quantize(exact, spec.Rounding);
        ConversionEvents events = ConversionEvents.None;
        long actual = Conversion.Convert(raw, spec, ref events);
        Assert.True(
            actual == OverflowOracle.Fit(rounded, exact.Below(), target),
            $"{raw} by {spec}: {actual}");
        Assert.True(
            events.HasFlag(ConversionEvents.Overflowed) == !OverflowOracle.Fits(rounded, target),
            $"{raw} by {spec}");
        Assert.True(
            events.HasFlag(ConversionEvents.Inexact) == !exact.IsInteger, $"{raw} by {spec}");
    }
}
