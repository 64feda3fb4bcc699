using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Properties;

/// <summary>What conversions promise whatever their formats.</summary>
public sealed class ConversionProperties
{
    private static readonly RoundingMode[] Deterministic =
        [.. Enum.GetValues<RoundingMode>().Where(m => m != RoundingMode.Stochastic)];

    [Fact]
    public void Convert_Twice_ChangesNothingMore() => Property.ForAll(2000, choose =>
    {
        ConversionSpec spec = AnySpec(choose);
        long once = Convert(AnyRaw(choose), spec);
        ConversionEvents events = ConversionEvents.None;
        Assert.Equal(once, Conversion.Convert(once, spec with { Shift = 0 }, ref events));
        Assert.Equal(ConversionEvents.None, events);
    });

    [Fact]
    public void Convert_AnyValue_StaysInTheTargetsRange() => Property.ForAll(2000, choose =>
    {
        ConversionSpec spec = AnySpec(choose);
        Assert.InRange(Convert(AnyRaw(choose), spec), spec.Min, spec.Max);
    });

    [Fact]
    public void ShiftRight_LargerValue_IsNotSmaller() => Property.ForAll(2000, choose =>
    {
        RoundingMode mode = choose.Of(Deterministic);
        int shift = choose.Between(1, 66);
        long a = AnyRaw(choose);
        long b = choose.Chance(0.5) ? AnyRaw(choose) : a + choose.Between(0, 300);
        long low = Rounding.ShiftRight(Math.Min(a, b), shift, mode);
        Assert.InRange(Rounding.ShiftRight(Math.Max(a, b), shift, mode), low, long.MaxValue);
    });

    [Fact]
    public void Convert_LargerValueSaturating_IsNotSmaller() => Property.ForAll(2000, choose =>
    {
        ConversionSpec spec = AnySpec(choose) with
        {
            Overflow = choose.Of(OverflowMode.Saturate, OverflowMode.SaturateSymmetric),
            SaturationBits = 0,
        };
        long a = AnyRaw(choose);
        long b = AnyRaw(choose);
        Assert.InRange(Convert(Math.Max(a, b), spec), Convert(Math.Min(a, b), spec), long.MaxValue);
    });

    [Theory]
    [InlineData(RoundingMode.TowardZero, RoundingMode.TowardZero)]
    [InlineData(RoundingMode.NearestTiesTowardZero, RoundingMode.NearestTiesTowardZero)]
    [InlineData(RoundingMode.NearestTiesAway, RoundingMode.NearestTiesAway)]
    [InlineData(RoundingMode.NearestTiesToEven, RoundingMode.NearestTiesToEven)]
    [InlineData(RoundingMode.NearestTiesToOdd, RoundingMode.NearestTiesToOdd)]
    [InlineData(RoundingMode.TowardNegative, RoundingMode.TowardPositive)]
    [InlineData(RoundingMode.NearestTiesTowardPositive, RoundingMode.NearestTiesTowardNegative)]
    public void ShiftRight_NegatedValue_IsTheNegatedResultOfTheMirroredMode(
        RoundingMode mode, RoundingMode mirror) =>
        Property.ForAll(
            1000,
            choose =>
            {
                int shift = choose.Between(1, 66);
                long value = AnyRaw(choose);
                Assert.Equal(
                    -Rounding.ShiftRight(value, shift, mirror),
                    Rounding.ShiftRight(-value, shift, mode));
            }
        );

    [Fact]
    public void Convert_NegatedValueSatSym_IsTheNegatedResult() =>
        Property.ForAll(
            1000,
            choose =>
            {
                var spec = ConversionSpec.Into(
                    new FixedFormat(choose.Between(1, 30), 0, true), choose.Between(-5, 20),
                    RoundingMode.NearestTiesToEven, OverflowMode.SaturateSymmetric);
                long value = AnyRaw(choose);
                Assert.Equal(-Convert(value, spec), Convert(-value, spec));
            }
        );

    /// <summary>
    /// Wrapping is arithmetic modulo 2^W: converting a sum is converting the converted terms' sum.
    /// </summary>
    [Fact]
    public void Convert_WrappedSum_IsTheWrappedSumOfWrappedTerms() =>
        Property.ForAll(
            1000,
            choose =>
            {
                var spec = ConversionSpec.Into(
                    new FixedFormat(choose.Between(1, 63), 0, choose.Chance(0.5)), 0,
                    RoundingMode.TowardNegative, OverflowMode.Wrap);
                long a = AnyRaw(choose) / 2;
                long b = AnyRaw(choose) / 2;
                Assert.Equal(
                    Convert(a + b, spec), Convert(Convert(a, spec) + Convert(b, spec), spec));
            }
        );

    private static ConversionSpec AnySpec(Choices choose)
    {
        bool isSigned = choose.Chance(0.7);
        ConversionSpec spec = choose.Conversion(
            choose.Between(1, isSigned ? 64 : 63), isSigned, choose.Between(-20, 66));
        return spec with { Rounding = choose.Of(Deterministic) };
    }

    private static long AnyRaw(Choices choose) =>
        choose.Raw(long.MinValue + 1, long.MaxValue) >> choose.Between(1, 63);

    private static long Convert(long raw, ConversionSpec spec)
    {
        ConversionEvents events = ConversionEvents.None;
        return Conversion.Convert(raw, spec, ref events);
    }
}
