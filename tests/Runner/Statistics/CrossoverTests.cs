using QSim.Runner.Statistics;

namespace QSim.Runner.Tests.Statistics;

public class CrossoverTests
{
    private static readonly double[] Epsilons = [0, 1, 2, 3];

    [Fact]
    public void Find_SignChangesBetweenPoints_InterpolatesLinearly() =>
        Assert.Equal(
            1.25, Crossover.Find(Epsilons, [0.8, 0.6, 0.5, 0.1], [0.9, 0.7, 0.2, 0.0])!.Value, 12);

    [Fact]
    public void Find_SignNeverChanges_GivesNull() =>
        Assert.Null(Crossover.Find(Epsilons, [0.8, 0.6, 0.2, 0.0], [0.9, 0.7, 0.3, 0.0]));

    [Fact]
    public void Find_CurvesTouchAndPartOnTheSameSide_GivesNull() =>
        Assert.Null(Crossover.Find(Epsilons, [0.8, 0.7, 0.2, 0.0], [0.9, 0.7, 0.3, 0.1]));

    [Fact]
    public void Find_EqualStretchBetweenTwoSigns_GivesItsFirstPoint() =>
        Assert.Equal(1, Crossover.Find(Epsilons, [0.8, 0.7, 0.2, 0.1], [0.9, 0.7, 0.2, 0.0]));

    [Fact]
    public void Find_StartsEqual_IsNoCrossing() =>
        Assert.Null(Crossover.Find(Epsilons, [0.9, 0.7, 0.2, 0.1], [0.9, 0.6, 0.1, 0.0]));

    [Fact]
    public void Find_LengthsDiffer_Throws() =>
        Assert.Throws<ArgumentException>(() => Crossover.Find(Epsilons, [1], [1, 1, 1, 1]));
}
