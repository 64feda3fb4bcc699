using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Studies;

public class RemainingTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Left_LaterRows_GoAtTheirOwnPaceWhereItIsKnown() => Assert.Equal(
        (3 * 10) + (4 * 2) + (1 * 10),
        RemainingTime.Left(
            10 * Second, 3, [("apgd-ce-50", 4), ("never seen", 1)],
            new Dictionary<string, TimeSpan> { ["apgd-ce-50"] = 2 * Second }).TotalSeconds);

    [Fact]
    public void Left_NothingBehindTheRow_IsTheRow() => Assert.Equal(
        5,
        RemainingTime.Left(2 * Second, 2.5, [], new Dictionary<string, TimeSpan>()).TotalSeconds);

    [Fact]
    public void After_NoPaceYet_SaysNothing()
    {
        var time = new RemainingTime(new Clock());
        time.Start("fgsm");
        Assert.Equal("", time.After(0.1, 5, []));
    }

    [Fact]
    public void After_AWhile_SaysWhatIsLeftAndWhatItDoesNotCount()
    {
        var clock = new Clock();
        var time = new RemainingTime(clock);
        time.Start("bounds");
        clock.Seconds = 10;

        Assert.False(time.Knows("bounds"));
        Assert.Equal(
            "about 30 s left, then the search for proofs: ",
            time.After(2, 4, [("never seen", 2)], ", then the search for proofs"));
        Assert.True(time.Knows("bounds"));
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
