using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class ProportionTests
{
    // Table I of R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3 (score, no
    // continuity correction).
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson95_NewcombeTable_AgreesToFourDigits(
        int successes, int trials, double low, double high)
    {
        Interval interval = new Proportion(successes, trials).Wilson95();

        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void Wilson95_AllSucceed_MirrorsNoneSucceed()
    {
        Interval all = new Proportion(20, 20).Wilson95(), none = new Proportion(0, 20).Wilson95();

        Assert.Equal(1, all.High);
        Assert.Equal(1 - none.High, all.Low, 12);
    }
}
