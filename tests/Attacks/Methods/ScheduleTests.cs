using QSim.Attacks.Methods;

namespace QSim.Attacks.Tests.Methods;

public class ScheduleTests
{
    [Fact]
    public void AutoPgd_HundredSteps_HasThePapersCheckpoints() =>
        Assert.Equal([22, 41, 57, 70, 80, 87, 93, 99], AutoPgd.CrossEntropy().Checkpoints);

    [Theory]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(50, 2)]
    [InlineData(51, 4)]
    [InlineData(500, 8)]
    [InlineData(2001, 64)]
    [InlineData(8000, 256)]
    [InlineData(8001, 512)]
    public void Square_TenThousandQueries_HalvesWhereThePaperDoes(int query, int divisor) =>
        Assert.Equal(0.8 / divisor, SquareAttack.Share(0.8, query, 10_000));

    [Fact]
    public void Square_FewerQueries_KeepsProportion() =>
        Assert.Equal(SquareAttack.Share(0.8, 600, 10_000), SquareAttack.Share(0.8, 300, 5_000));
}
