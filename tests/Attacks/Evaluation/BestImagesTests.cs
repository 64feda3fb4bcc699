using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>Which images a search lets go of.</summary>
public class BestImagesTests
{
    /// <summary>The first margin is the clean image's, the others are searched for.</summary>
    [Theory]
    [InlineData(true, -10, -9.9, -6)]
    [InlineData(false, -10, -9.9, -4)]
    [InlineData(true, -16, -15, -14)]
    [InlineData(false, -16, -14, -12)]
    [InlineData(false, -7, -6, -5)]
    [InlineData(false, -7, -6.0000001, -6)]
    [InlineData(false, -10, -10, -10)]
    public void IsRemote_MarginsSoFar_AsksForTheShareWhereMarginsAreFine(
        bool expected, double clean, double second, double third)
    {
        var best = new BestImages(new(new TensorShape(1, 1, 1), [0f], [0]));
        foreach (double margin in new[] { clean, second, third }) best.Note(0, margin, [0f]);
        Assert.Equal(expected, best.IsRemote(0, 0.5));
    }
}
