using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class CrossoverBootstrapTests
{
    private static readonly double[] Epsilons = [0, 1];

    [Fact]
    public void Estimate_SameImagesAlwaysDecide_HasAnIntervalOfOnePoint()
    {
        // Every image alike: any sample gives the same curves, 0 and 1 against 0.25 and 0.75:
        // crossing at 0.5.
        CrossoverEstimate estimate = new CrossoverBootstrap(1, 50).Estimate(
            Epsilons, [All(50, 0), All(50, 1)], [All(50, 0.25f), All(50, 0.75f)]);

        Assert.Equal(new CrossoverEstimate(0.5, 0.5, 0.5, 1), estimate);
    }

    [Fact]
    public void Estimate_NoCrossing_HasNoInterval() =>
        Assert.Equal(
            new CrossoverEstimate(null, null, null, 0),
            new CrossoverBootstrap(1, 50).Estimate(
                Epsilons, [All(50, 0), All(50, 0)], [All(50, 1), All(50, 1)]));

    [Fact]
    public void Estimate_CrossingOnOneImageOfMany_IsMissingFromAboutOneSampleInE()
    {
        // Only image 0 decides: a sample without it, of chance (1 - 1/n)^n, has equal curves and no
        // crossing.
        float[] curve0 = All(100, 0),
            curve1 = All(100, 0),
            reference0 = All(100, 0),
            reference1 = All(100, 0);
        (curve0[0], reference1[0]) = (1, 1);

        CrossoverEstimate estimate = new CrossoverBootstrap(3, 100).Estimate(
            Epsilons, [curve0, curve1], [reference0, reference1]);

        Assert.Equal(
            (0.5, 0.5, null), (estimate.Epsilon!.Value, estimate.Low95!.Value, estimate.High95));
        Assert.InRange(estimate.WithCrossing, 0.634 - 0.06, 0.634 + 0.06);
    }

    [Fact]
    public void Estimate_IntervalOfAShift_AgreesWithTheNormalApproximation()
    {
        // Difference at 0: -0.5 exactly; at 1: a mean of independent +1/-1/0 with mean 0.5 and
        // known spread.
        const int Images = 400;
        float[] at1 = [.. Enumerable.Range(0, Images).Select(i => i % 4 == 0 ? 0f : 1f)];
        CrossoverEstimate estimate = new CrossoverBootstrap(5, Images).Estimate(
            Epsilons, [All(Images, 0), at1], [All(Images, 0.5f), All(Images, 0.25f)]);

        // x = 0.5 / (0.5 + d) with d = mean(at1) - 0.25 and sd(d) = sqrt(0.1875 / 400) = 0.02165.
        Assert.Equal(0.5, estimate.Epsilon!.Value, 6);
        Assert.Equal(0.5 / (1 + (1.96 * 0.02165)), estimate.Low95!.Value, 0.004);
        Assert.Equal(0.5 / (1 - (1.96 * 0.02165)), estimate.High95!.Value, 0.004);
    }

    [Fact]
    public void Estimate_SameSeed_GivesTheSameBits()
    {
        float[] noisy = [.. Enumerable.Range(0, 60).Select(i => i * 7 % 11 < 6 ? 1f : 0f)];
        CrossoverEstimate Run(ulong seed) => new CrossoverBootstrap(seed, 60).Estimate(
            Epsilons, [All(60, 0.4f), noisy], [noisy, All(60, 0.5f)]);

        Assert.Equal(Run(1), Run(1));
        Assert.NotEqual(Run(1), Run(2));
    }

    private static float[] All(int count, float value) => [.. Enumerable.Repeat(value, count)];
}
