using System.Numerics;
using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class McNemarTests
{
    // 2 (C(12,0) + C(12,1) + C(12,2)) / 2^12 = 158 / 4096, and so on.
    [Theory]
    [InlineData(10, 2, 158.0 / 4096)]
    [InlineData(2, 10, 158.0 / 4096)]
    [InlineData(5, 0, 2.0 / 32)]
    [InlineData(6, 0, 2.0 / 64)]
    [InlineData(3, 3, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 1)]
    public void ExactP_KnownCounts_IsTwiceTheTail(int onlyFirst, int onlySecond, double expected) =>
        Assert.Equal(expected, new McNemar(onlyFirst, onlySecond).ExactP(), 1e-12);

    [Fact]
    public void ExactP_EveryCountUpToForty_EqualsTheSumOfBinomialCoefficients()
    {
        for (int n = 1; n <= 40; n++)
        {
            for (int k = 0; k <= n; k++)
            {
                BigInteger tail = 0, coefficient = 1;
                for (int i = 0; i <= Math.Min(k, n - k); i++)
                {
                    tail += coefficient;
                    coefficient = coefficient * (n - i) / (i + 1);
                }

                double expected = Math.Min(1, 2 * (double)tail / Math.Pow(2, n));
                Assert.Equal(expected, new McNemar(k, n - k).ExactP(), 1e-12);
            }
        }
    }

    [Fact]
    public void Of_Outcomes_CountsImagesThatOnlyOneGetsRight() =>
        Assert.Equal(new McNemar(3, 1), McNemar.Of("110110", "010001"));

    [Fact]
    public void Of_DifferentImages_Throws() =>
        Assert.Throws<ArgumentException>(() => McNemar.Of("10", "101"));
}
