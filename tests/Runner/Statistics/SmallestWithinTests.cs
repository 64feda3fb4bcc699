using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class SmallestWithinTests
{
    /// <summary>Of 1000 images, the narrowest design first.</summary>
    [Theory]
    [InlineData("900 50 8 0 -", "2, 2..3")]
    [InlineData("900 10 10 0 -", "1, 1..3")]
    [InlineData("900 0 50 0 -", "3, 1..3")]
    [InlineData("900 800 700 600 -", "4, 4..4")]
    [InlineData("900 800 700 600 500", "none, none..none")]
    [InlineData("900 0 0 0 12", "none, 1..none")]
    [InlineData("0 0 0 0 0", "0, 0..0")]
    [InlineData("-", "0, 0..0")]
    public void Of_ImagesLost_IsByHand(string lost, string expected)
    {
        PairedDifference?[] losses =
        [
            .. lost.Split(' ').Select(l =>
                l == "-" ? (PairedDifference?)null : new PairedDifference(int.Parse(l), 0, 1000)),
        ];

        SmallestWithin found = SmallestWithin.Of(losses, 0.01, 1.96);

        Assert.Equal(
            expected, $"{Name(found.Measured)}, {Name(found.Low)}..{Name(found.High)}");
    }

    [Fact]
    public void Of_FewImages_ShowsNothing() => Assert.Equal(
        new SmallestWithin(0, 0, null),
        SmallestWithin.Of([new(0, 0, 100), new(0, 0, 100)], 0.01, 1.96));

    private static string Name(int? index) => index is { } i ? $"{i}" : "none";
}
