using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.TorchSharp;

[Collection("torch")]
public class TorchAttackTests
{
    [SkippableTheory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    [InlineData(0.15)]
    public void Pgd_SameSeed_LandsWithinTwoTenthsOfAPoint(double epsilon)
    {
        IGradientEngine torch = GradientEngineList.Find("torch")!;
        Skip.If(torch.WhyUnavailable is not null, torch.WhyUnavailable);
        double[] robust =
        [
            .. new[] { torch, GradientEngineList.Find("managed")! }.Select(e => Robust(e, epsilon)),
        ];
        Assert.Equal(robust[1], robust[0], 0.002);
        Assert.InRange(robust[1], 0, 0.999);
    }

    private static double Robust(IGradientEngine engine, double epsilon)
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        using var model = engine.Create(network, 2);
        RobustnessResult result = QSim.Attacks.Evaluation.Evaluation.Run(
            ProjectedGradient.Pgd(),
            AttackTarget.WhiteBox(new FloatClassifier(model)),
            images,
            new(Norm.Linf, new Epsilon(epsilon)));
        return result.Judges.Single().RobustAccuracy;
    }
}
