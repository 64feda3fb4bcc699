using QSim.Silicon.Cost;

namespace QSim.Silicon.Tests;

/// <summary>What is synthesised to see what a unit costs.</summary>
public class CostUnitTests
{
    [Fact]
    public void Circuit_OfTheSameArithmetic_IsTheSameWhateverTheLayerIsCalled()
    {
        CostUnit one = RandomTwins.CostUnit(11, "first"), other = RandomTwins.CostUnit(11, "other");
        Assert.Equal(one.Circuit, other.Circuit);
        Assert.Equal(one.Shape, other.Shape);
        Assert.NotEqual(one.Circuit, RandomTwins.CostUnit(12, "first").Circuit);
    }

    [Fact]
    public void Terms_OfAnySize_AreNamedOnceAndFinite()
    {
        foreach (int seed in Enumerable.Range(0, 200))
        {
            UnitShape shape = RandomTwins.CostUnit(seed, "layer").Shape;
            foreach (IReadOnlyList<(string Name, double Value)> terms in new[]
            {
                CostTerms.Accumulate(shape), CostTerms.AccumulatePath(shape),
                CostTerms.Requantize(shape), CostTerms.RequantizePath(shape),
            })
            {
                Assert.Equal(terms.Count, terms.Select(t => t.Name).Distinct().Count());
                Assert.All(terms, t => Assert.InRange(t.Value, 0, 1e9));
            }
        }
    }
}
