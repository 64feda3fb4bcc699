using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Oracle;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>
/// Every kind of requantization against its formula in exact rationals or in the machine's own
/// float32.
/// </summary>
public sealed class RequantizerTests
{
    private static readonly TensorType Output = new(new TensorShape(1), 8, true, 1, 5);

    [Fact]
    public void Requantize_Shift_RoundsAddsZeroPointActivatesAndFits() =>
        ForRandom(
            (choose, spec, accumulator) =>
            {
                int shift = choose.Between(-6, 24);
                RoundingMode mode = choose.Of([
                    .. Enum.GetValues<RoundingMode>().Where(m => m != RoundingMode.Stochastic),
                ]);
                spec = spec with
                {
                    Kind = RequantizationKind.Shift,
                    Output = spec.Output with { Shift = shift, Rounding = mode },
                };
                Rational exact = Rational.Scaled(accumulator, -shift);
                Check(
                    accumulator, spec, RoundingOracle.Quantize(exact, mode), exact.Below(),
                    !exact.IsInteger);
            }
        );

    [Fact]
    public void Requantize_MultiplierSingle_RoundsOnceUpwards() =>
        ForRandom(
            (choose, spec, accumulator) =>
            {
                int shift = choose.Between(1, 63);
                spec = spec with
                {
                    Kind = RequantizationKind.MultiplierSingle,
                    Multiplier = (int)choose.Raw(int.MinValue, int.MaxValue),
                    MultiplierShift = shift,
                };
                Rational exact = Rational.Scaled((BigInteger)accumulator * spec.Multiplier, -shift);
                BigInteger rounded = RoundingOracle.Quantize(
                    exact, RoundingMode.NearestTiesTowardPositive);
                Check(accumulator, spec, rounded, rounded, !exact.IsInteger);
            }
        );

    [Fact]
    public void Requantize_MultiplierDouble_RoundsTwice() =>
        ForRandom(
            (choose, spec, accumulator) =>
            {
                int shift = choose.Between(-4, 40);
                accumulator >>= 5;
                spec = spec with
                {
                    Kind = RequantizationKind.MultiplierDouble,
                    Multiplier = choose.Between(1, int.MaxValue),
                    MultiplierShift = shift,
                };
                BigInteger shifted = (BigInteger)accumulator << Math.Max(0, -shift);
                Rational first = Rational.Scaled(shifted * spec.Multiplier, -31);
                BigInteger high = RoundingOracle.Quantize(
                    first, RoundingMode.NearestTiesTowardPositive);
                Rational second = Rational.Scaled(high, -Math.Max(0, shift));
                BigInteger rounded = RoundingOracle.Quantize(second, RoundingMode.NearestTiesAway);
                Check(accumulator, spec, rounded, rounded, !first.IsInteger || !second.IsInteger);
            }
        );

    [Theory]
    [InlineData(int.MinValue, int.MinValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MaxValue, -int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue - 1)]
    [InlineData(1, 1 << 30, 1)]
    [InlineData(-1, 1 << 30, 0)]
    public void HighMultiply_EndsAndTies_AreGemmlowps(int a, int b, int expected) =>
        Assert.Equal(expected, Requantizer.HighMultiply(a, b));

    [Fact]
    public void Requantize_Real_EqualsTheMachinesFloat32() =>
        ForRandom(
            (choose, spec, accumulator) =>
            {
                (RoundingMode mode, Func<float, float> round) = Rounded(choose);
                spec = spec with
                {
                    Kind = RequantizationKind.Real,
                    Output = spec.Output with { Rounding = mode },
                    RealScale = Scale(choose),
                };
                float product = (float)accumulator * spec.RealScale;
                float rounded = round(product);
                var integer = new BigInteger(rounded);
                Check(accumulator, spec, integer, integer, rounded != product);
            }
        );

    [Fact]
    public void Requantize_RealOnce_EqualsTheMachinesFloat32() =>
        ForRandom(
            (choose, spec, accumulator) =>
            {
                (RoundingMode mode, Func<float, float> round) = Rounded(choose);
                spec = spec with
                {
                    Kind = RequantizationKind.RealOnce,
                    Output = spec.Output with { Rounding = mode },
                    RealScale = Scale(choose),
                    RealBias = choose.Between(-100_000, 100_000) / 7f,
                };
                float product = ((float)accumulator + spec.RealBias) * spec.RealScale;
                float shifted = product + spec.ZeroPoint;
                float rounded = round(shifted);
                var integer = new BigInteger(rounded) - spec.ZeroPoint;
                Check(accumulator, spec, integer, integer, rounded != shifted);
            }
        );

    /// <summary>Scales whose products meet ties, and any others.</summary>
    private static float Scale(Choices choose)
    {
        float scale = choose.Chance(0.3)
            ? (float)Math.ScaleB(choose.Between(1, 9), choose.Between(-12, 2))
            : BitConverter.Int32BitsToSingle(choose.Between(0x2F000000, 0x41000000));
        return choose.Chance(0.1) ? -scale : scale;
    }

    private static (RoundingMode Mode, Func<float, float> Round) Rounded(Choices choose) =>
        choose.Of<(RoundingMode, Func<float, float>)>(
            (RoundingMode.NearestTiesToEven, v => MathF.Round(v, MidpointRounding.ToEven)),
            (RoundingMode.NearestTiesAway, v => MathF.Round(v, MidpointRounding.AwayFromZero)),
            (RoundingMode.TowardNegative, MathF.Floor),
            (RoundingMode.TowardZero, MathF.Truncate));

    [Theory]
    [InlineData(1f)]
    [InlineData(0.0019607844f)]
    [InlineData(1.17549435E-38f)]
    [InlineData(1E-45f)]
    [InlineData(3.4028235E+38f)]
    [InlineData(-0.3f)]
    [InlineData(0f)]
    public void RealScale_AnyFloat_IsKeptExactly(float scale) => Assert.Equal(
        scale,
        new Requantization
        {
            Kind = RequantizationKind.Real,
            RealScale = scale,
            Output = default,
            ClampMin = 0,
            ClampMax = 0,
        }.RealScale);

    private static void ForRandom(Action<Choices, Requantization, long> check)
    {
        for (int seed = 0; seed < 20_000; seed++)
        {
            var choose = new Choices(seed);
            long low = choose.Chance(0.5) ? long.MinValue : Output.ZeroPoint;
            var spec = new Requantization
            {
                Kind = RequantizationKind.Shift,
                Output = choose.Conversion(Output.Bits, true, 0) with
                {
                    Rounding = RoundingMode.TowardNegative,
                },
                ZeroPoint = Output.ZeroPoint,
                ClampMin = low,
                ClampMax = choose.Chance(0.7)
                    ? long.MaxValue
                    : Math.Max(low, choose.Between(0, 200)),
            };
            int bits = choose.Between(2, 31);
            check(choose, spec, choose.Raw(-(1L << bits), 1L << bits));
        }
    }

    private static void Check(
        long accumulator, Requantization spec, BigInteger rounded, BigInteger unrounded,
        bool inexact)
    {
        var target = new OverflowOracle.Target(
            spec.Output.Bits, true, spec.Output.Overflow, spec.Output.SaturationBits,
            spec.Output.Dialect);
        BigInteger active = Activated(rounded, spec);
        ConversionEvents events = ConversionEvents.None;
        long actual = Requantizer.Requantize(accumulator, spec, ref events);
        Assert.True(
            actual == OverflowOracle.Fit(active, Activated(unrounded, spec), target),
            $"{accumulator} by {spec}: {actual}");
        Assert.True(
            events.HasFlag(ConversionEvents.Inexact) == inexact,
            $"{accumulator} by {spec}: {events}");
        Assert.True(
            events.HasFlag(ConversionEvents.Overflowed) == !OverflowOracle.Fits(active, target),
            $"{accumulator} by {spec}: {events}");
    }

    private static BigInteger Activated(BigInteger value, Requantization spec) =>
        BigInteger.Min(BigInteger.Max(value + spec.ZeroPoint, spec.ClampMin), spec.ClampMax);
}
