using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Adaptive;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// A grey image of 64 pixels that is wrong once 48 of them are as dark as the budget allows; half a
/// step of FGSM is worth 32 of them and leaves a quarter of the way, half a pixel's worth each.
/// </summary>
public class PixelByPixelTests
{
    private const int Pixels = 64, Grey = 128, Step = 32;

    [Theory]
    [InlineData(false, 60, "int8-wide", true)]
    [InlineData(false, 40, "int8-wide", false)]
    [InlineData(true, 40, "int8-wide", true)]
    [InlineData(true, 24, "int8-wide", false)]
    [InlineData(false, 80, "stochastic", false)]
    public void Run_PixelsThatCountAlike_TakesAMoveEachFromTheBestImage(
        bool hasBetter, int rounds, string hardware, bool breaks)
    {
        ImageOutcome outcome = Run(
            new AttackSequence(
                "test",
                hasBetter
                    ? [ProjectedGradient.Bim(1, 0.5), new PixelByPixel(rounds)]
                    : [new PixelByPixel(rounds)]),
            hardware);
        Assert.Equal(breaks, outcome.FooledSource);
        if (hardware == "stochastic") Assert.InRange(outcome.Queries, 0, 2);
    }

    /// <summary>There is no hardware to know the design of.</summary>
    [Fact]
    public void Run_FloatNetwork_HasNothingToDo()
    {
        FloatNetwork network = Network();
        using var model = new ManagedGradientModel(network, 1);
        ImageOutcome outcome = Robustness.Run(
            new PixelByPixel(80), AttackTarget.WhiteBox(new FloatClassifier(model)),
            Images(network), Budget).Images[0];
        Assert.False(outcome.FooledSource);
        Assert.InRange(outcome.Queries, 0, 2);
    }

    private static Budget Budget => new(Norm.Linf, Epsilon.Parse($"{Step}/255"));

    private static ImageOutcome Run(IAttack attack, string hardware)
    {
        FloatNetwork network = Network();
        LabelledImages images = Images(network);
        ProfileOverride[] overrides = hardware == "stochastic"
            ? [new("output.bits", "16"), new("requantize.rounding", "STOCHASTIC")]
            : [new("output.bits", "16")];
        using var chip = new Chip(network, images.Pixels, "int8-wide", overrides);
        return Robustness.Run(attack, chip.WhiteBox, images, Budget).Images[0];
    }

    private static LabelledImages Images(FloatNetwork network) => new(
        network.Input, [.. Enumerable.Repeat(Grey / 255f, Pixels)], [0]);

    /// <summary>Class 0 scores what pixels have above an amount.</summary>
    private static FloatNetwork Network() => Fixtures.Linear(
        [.. Enumerable.Range(0, 2 * Pixels).Select(i => i < Pixels ? 1f : 0)],
        [((47.5f * Step) - (Pixels * Grey)) / 255f, 0]);
}
