using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using Xunit.Abstractions;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>FAB-T beside its authors' algorithm, written down a second time.</summary>
public class FabTests(ITestOutputHelper output)
{
    /// <summary>
    /// Ours goes on to search between the image and the best found, and may end nearer. While steps
    /// that crossed the boundary were turned back at the cost of the next step, it ended farther.
    /// </summary>
    [Theory]
    [InlineData(Norm.Linf, 5)]
    [InlineData(Norm.Linf, 20)]
    [InlineData(Norm.Linf, 100)]
    [InlineData(Norm.L2, 5)]
    [InlineData(Norm.L2, 20)]
    [InlineData(Norm.L2, 100)]
    [InlineData(Norm.L1, 5)]
    [InlineData(Norm.L1, 20)]
    public void Run_AsManySteps_ComesAsNearAsTheAuthorsDo(Norm norm, int steps)
    {
        (var network, LabelledImages images) = Fixtures.Bars;
        using var model = new ManagedGradientModel(network, 1);
        RobustnessResult ours = Robustness.Run(
            new FastAdaptiveBoundary(steps, targets: 1),
            AttackTarget.WhiteBox(new FloatClassifier(model)), images, new(norm, new(0.01)));
        double longest = 0;
        for (int i = 0; i < images.Count; i++)
        {
            ImageOutcome outcome = ours.Images[i];
            if (!outcome.WasAttacked) continue;
            Assert.Equal(steps, outcome.GradientQueries);
            double theirs = PaperFab.Smallest(
                model, network.Classes, norm, images.Image(i).ToArray(), images.Labels[i], steps);
            output.WriteLine($"{i}: {outcome.Smallest}, theirs {theirs}");
            longest = Math.Max(longest, outcome.Smallest / theirs);
        }

        Assert.InRange(longest, 0.9, 1.0001);
    }
}
