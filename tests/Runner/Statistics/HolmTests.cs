using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class HolmTests
{
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") = 0.03 0.06 0.06 0.02, by hand: 3*0.01,
    // max(2*0.03, 0.04), 2*0.03, 4*0.005.
    [Fact]
    public void Adjust_FourKnownValues_KeepsTheirOrder() => AssertClose(
        [0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]));

    [Fact]
    public void Adjust_LargeValues_StopAtOne() =>
        AssertClose([1, 1, 0.3], Holm.Adjust([0.6, 0.9, 0.1]));

    [Fact]
    public void Adjust_OneComparison_StaysAsItIs() => AssertClose([0.04], Holm.Adjust([0.04]));

    [Fact]
    public void Adjust_None_GivesNone() => Assert.Empty(Holm.Adjust([]));

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 12);
    }
}
