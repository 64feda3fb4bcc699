using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Profiles;

namespace QSim.Attacks.Tests.Methods;

/// <summary>The default suite's strongest leaves no more than what it is made of.</summary>
public class EnsembleTests
{
    /// <summary>
    /// Where sums wrap, an ensemble whose Square ended after its first queries left 377 of 500
    /// digits on the quickstart's hardware, and Square alone 373.
    /// </summary>
    [Theory]
    [InlineData("16", 0.03)]
    [InlineData("16", 0.06)]
    [InlineData("15", 0.03)]
    [InlineData("15", 0.06)]
    public void Run_SumsThatWrap_LeavesNoMoreThanALongSquare(string bits, double epsilon)
    {
        using var chip = Chip.Bars("int8-acc-wrap", new ProfileOverride(
            "mac.accumulator.bits", bits));
        int Standing(IAttack attack) => chip.Standing(attack, Fixtures.Bars.Images, epsilon);
        int square = Standing(new SquareAttack(1500));
        Assert.InRange(Standing(Ensemble.Standard(queries: 300)), 0, square);
    }
}
