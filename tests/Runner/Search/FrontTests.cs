using QSim.Runner.Search.Fronts;

namespace QSim.Runner.Tests.Search;

public class FrontTests
{
    [Fact]
    public void Ranks_ArePeeledOffOneByOne() => Assert.Equal(
        [0, 0, 1, 2, 0, 2],
        Front.Ranks([Of(1, 5), Of(2, 2), Of(2, 3), Of(3, 3), Of(5, 1), Of(2, 5)]));

    [Fact]
    public void Ranks_Constraints_ComeBeforeObjectives() => Assert.Equal(
        [1, 0, 2],
        Front.Ranks([Of(1, 1) with { Violation = 0.1 }, Of(9, 9), Score.Impossible]));

    [Fact]
    public void Of_HasEqualPoints_AndNoneThatMissesAConstraint() => Assert.Equal(
        [1, 2], Front.Of([Of(0, 0) with { Violation = 1 }, Of(1, 2), Of(1, 2), Of(2, 2)]));

    [Fact]
    public void Crowding_IsTheDistanceOfNeighboursInEveryObjective()
    {
        double[] crowding = Front.Crowding([Of(0, 10), Of(2, 6), Of(4, 4), Of(10, 0)]);

        Assert.Equal(double.PositiveInfinity, crowding[0]);
        Assert.Equal(0.4 + 0.6, crowding[1], 12);
        Assert.Equal(0.8 + 0.6, crowding[2], 12);
        Assert.Equal(double.PositiveInfinity, crowding[3]);
    }

    [Theory]
    [InlineData("1 1", "3 3", 4)]
    [InlineData("1 2; 2 1", "3 3", 3)]
    [InlineData("1 2; 2 1; 2 2; 5 0", "3 3", 3)]
    [InlineData("0 0 0", "1 2 3", 6)]
    [InlineData("1 0 0; 0 1 0; 0 0 1", "2 2 2", 7)]
    [InlineData("", "1 1", 0)]
    public void Hypervolume_IsByHand(string points, string reference, double volume) =>
        Assert.Equal(volume, Hypervolume.Of(Parse(points), Parse(reference).Single()), 12);

    /// <summary>Of random points it is the share of a fine grid that is dominated.</summary>
    [Theory]
    [InlineData(2, 12)]
    [InlineData(3, 12)]
    [InlineData(4, 9)]
    public void Hypervolume_EqualsACountOfGridFields(int dimensions, int count)
    {
        const int Fields = 12;
        var random = new QSim.Attacks.KeyedRandom(7, QSim.Attacks.RandomPurpose.Search, dimensions);
        double[][] points = new double[count][];
        for (int i = 0; i < count; i++)
        {
            points[i] = new double[dimensions];
            for (int d = 0; d < dimensions; d++) points[i][d] = random.NextBelow(Fields);
        }

        long dominated = 0, all = (long)Math.Pow(Fields, dimensions);
        for (long field = 0; field < all; field++)
        {
            long rest = field;
            double[] at = [.. Enumerable.Range(0, dimensions).Select(_ =>
            {
                long digit = rest % Fields;
                rest /= Fields;
                return (double)digit;
            })];
            if (points.Any(p => p.Zip(at).All(x => x.First <= x.Second))) dominated++;
        }

        Assert.Equal(
            dominated,
            Hypervolume.Of(points, [.. Enumerable.Repeat((double)Fields, dimensions)]), 6);
    }

    private static Score Of(params double[] objectives) => new(objectives, 0);

    private static IReadOnlyList<double>[] Parse(string points) =>
    [
        .. points.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p =>
            (IReadOnlyList<double>)
                [.. p.Trim().Split(' ').Select(n => double.Parse(n, null))]),
    ];
}
