using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class PairedDifferenceTests
{
    [Theory]
    [InlineData(7, 2, 100)]
    [InlineData(0, 5, 50)]
    [InlineData(31, 31, 500)]
    public void Score_AtZero_IsTheRootOfMcNemarsStatistic(int b, int c, int n) => Assert.Equal(
        (b - c) / Math.Sqrt(b + c), new PairedDifference(b, c, n).Score(0), 12);

    [Theory]
    [InlineData(7, 2, 100, 0.01)]
    [InlineData(7, 2, 100, 0.3)]
    [InlineData(7, 2, 100, -0.2)]
    [InlineData(0, 0, 40, 0.05)]
    [InlineData(12, 0, 40, 0.1)]
    [InlineData(0, 9, 40, 0.1)]
    public void Score_IsThatOfTheMostLikelyShares(int b, int c, int n, double delta)
    {
        // Shares p = q + delta and q of images that only one gets right; the likelihood is concave.
        double low = Math.Max(0, -delta), high = (1 - delta) / 2;
        for (int i = 0; i < 200; i++)
        {
            double third = (high - low) / 3;
            if (Likelihood(low + third) < Likelihood(high - third)) low += third;
            else high -= third;
        }

        double q = (low + high) / 2;
        double expected = (b - c - (n * delta))
            / Math.Sqrt(n * ((2 * q) + delta - (delta * delta)));
        Assert.Equal(expected, new PairedDifference(b, c, n).Score(delta), 5);

        double Likelihood(double q) =>
            Times(b, q + delta) + Times(c, q) + Times(n - b - c, 1 - (2 * q) - delta);

        static double Times(int count, double share) =>
            count == 0 ? 0 : count * Math.Log(Math.Max(share, 1e-300));
    }

    [Fact]
    public void Within_NoImageDiffers_ReachesAsFarAsTheNumberOfImagesAllows()
    {
        const double Z = 1.96;
        Interval interval = new PairedDifference(0, 0, 500).Within(Z);

        Assert.Equal(Z * Z / (500 + (Z * Z)), interval.High, 9);
        Assert.Equal(-interval.High, interval.Low, 9);
    }

    [Fact]
    public void Within_Swapped_IsMirrored()
    {
        Interval one = new PairedDifference(9, 4, 80).Within(2),
            other = new PairedDifference(4, 9, 80).Within(2);

        Assert.Equal((one.Low, one.High), (-other.High, -other.Low));
        Assert.InRange(5.0 / 80, one.Low, one.High);
    }

    /// <summary>Over every outcome of 40 images, weighted by how likely it is.</summary>
    [Theory]
    [InlineData(0.05, 0.05)]
    [InlineData(0.1, 0.02)]
    [InlineData(0.3, 0.1)]
    public void Within_95Percent_HoldsTheTruthAboutAsOften(double p, double q)
    {
        const int N = 40;
        double covered = 0;
        for (int b = 0; b <= N; b++)
            for (int c = 0; b + c <= N; c++)
            {
                Interval interval = new PairedDifference(b, c, N).Within(1.959964);
                if (interval.Low <= p - q && p - q <= interval.High)
                    covered += Math.Exp(
                        LogFactorial(N) - LogFactorial(b) - LogFactorial(c)
                            - LogFactorial(N - b - c) + (b * Math.Log(p)) + (c * Math.Log(q))
                            + ((N - b - c) * Math.Log(1 - p - q)));
            }

        Assert.InRange(covered, 0.93, 0.985);
    }

    private static double LogFactorial(int n) =>
        Enumerable.Range(1, n).Sum(i => Math.Log(i));
}
