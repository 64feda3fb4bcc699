using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Arithmetic;

/// <summary>Stochastic rounding: exactly r &gt; u for each u, and right on average.</summary>
public sealed class StochasticTests
{
    [Fact]
    public void ShiftRight_EveryThreshold_AddsOneExactlyWhenTheRemainderExceedsIt()
    {
        for (int shift = 1; shift <= 6; shift++)
        {
            for (long value = -200; value <= 200; value++)
            {
                long floor = (long)Math.Floor(value / Math.Pow(2, shift));
                long remainder = value - (floor << shift);
                for (long u = 0; u < 1L << shift; u++)
                {
                    ulong random = ((ulong)u << (64 - shift)) | (ulong.MaxValue >> shift);
                    long actual = Rounding.ShiftRight(
                        value, shift, RoundingMode.Stochastic, random);
                    Assert.Equal(floor + (remainder > u ? 1 : 0), actual);
                }
            }
        }
    }

    [Fact]
    public void ShiftRight_AnyShift_ComparesRemainderWithTheRandomBitsScaledUp()
    {
        var choose = new Choices(3);
        for (int i = 0; i < 20_000; i++)
        {
            int shift = choose.Between(1, 80);
            long value = choose.Raw(long.MinValue + 1, long.MaxValue) >> choose.Between(0, 63);
            ulong random = (ulong)choose.Raw(long.MinValue + 1, long.MaxValue);
            BigInteger modulus = BigInteger.One << shift;
            BigInteger remainder = (((BigInteger)value % modulus) + modulus) % modulus;
            BigInteger u =
                shift <= 64 ? random >> (64 - shift) : (BigInteger)random << (shift - 64);
            BigInteger expected = ((value - remainder) / modulus) + (remainder > u ? 1 : 0);
            Assert.Equal(
                expected, Rounding.ShiftRight(value, shift, RoundingMode.Stochastic, random));
        }
    }

    [Fact]
    public void Divide_AnyDivisor_ComparesRemainderWithTheRandomBitsScaledDown()
    {
        var choose = new Choices(4);
        for (int i = 0; i < 20_000; i++)
        {
            long divisor = choose.Between(1L, 1L << choose.Between(0, 31));
            long value = choose.Between(-1L << 40, 1L << 40);
            ulong random = (ulong)choose.Raw(long.MinValue + 1, long.MaxValue);
            BigInteger u = (BigInteger)random * divisor >> 64;
            long remainder = ((value % divisor) + divisor) % divisor;
            long expected = ((value - remainder) / divisor) + (remainder > u ? 1 : 0);
            Assert.Equal(
                expected, Rounding.Divide(value, divisor, RoundingMode.Stochastic, random));
        }
    }

    [Fact]
    public void Of_ManyElements_RoundsUpAsOftenAsTheRemainderSays()
    {
        const int Draws = 40_000;
        const long Value = 5;
        long sum = 0;
        for (int element = 0; element < Draws; element++)
        {
            ulong random = StochasticBits.Of(
                seed: 7, layer: 1, stage: 2, image: 3, element, step: 4);
            sum += Rounding.ShiftRight(Value, 3, RoundingMode.Stochastic, random);
        }

        // 5/8 of the draws round up; six standard deviations of their mean are 0.0145.
        Assert.InRange(sum / (double)Draws, 0.625 - 0.015, 0.625 + 0.015);
    }

    [Fact]
    public void Of_AnyPartOfThePlaceChanges_GivesOtherBits()
    {
        ulong[] bits =
        [
            StochasticBits.Of(1, 1, 1, 1, 1, 1), StochasticBits.Of(2, 1, 1, 1, 1, 1),
            StochasticBits.Of(1, 2, 1, 1, 1, 1), StochasticBits.Of(1, 1, 2, 1, 1, 1),
            StochasticBits.Of(1, 1, 1, 2, 1, 1), StochasticBits.Of(1, 1, 1, 1, 2, 1),
            StochasticBits.Of(1, 1, 1, 1, 1, 2), StochasticBits.Of(1UL << 32, 1, 1, 1, 1, 1),
        ];
        Assert.Equal(bits.Length, bits.Distinct().Count());
    }
}
