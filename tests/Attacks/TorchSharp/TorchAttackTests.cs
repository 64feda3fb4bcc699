using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Overflow;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
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

    /// <summary>The attack on a design takes its gradients from the engine, too.</summary>
    [SkippableFact]
    public void Overflow_ByLibtorch_PressesAsManagedDoes()
    {
        IGradientEngine torch = GradientEngineList.Find("torch")!;
        Skip.If(torch.WhyUnavailable is not null, torch.WhyUnavailable);
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        QuantizedProgram program = Chip.Quantize(network, images.Pixels, "int8-acc-wrap");
        using var simulation = new Simulation(program, BackendList.Best(program));
        double[] robust =
        [
            .. new[] { torch, GradientEngineList.Find("managed")! }.Select(engine =>
            {
                using var attack = (OverflowAttack)new OverflowDesignAttack(10).For(
                    network, program, engine);
                Assert.NotEmpty(attack.Layers);
                RobustnessResult result = QSim.Attacks.Evaluation.Evaluation.Run(
                    attack, AttackTarget.Label(new HardwareClassifier(simulation, "hardware")),
                    images, new(Norm.Linf, new Epsilon(0.1)));
                return result.Judges.Single().RobustAccuracy;
            }),
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
