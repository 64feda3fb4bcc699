using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

/// <summary>Checks that have to find in runs what observations alone were made up for.</summary>
public sealed class EvidenceTests : IDisposable
{
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 1);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Examine_ClassifierThatChangesItsMind_IsNotDeterministic()
    {
        Budget budget = new(Norm.Linf, new(0.1));
        RobustnessResult steady = Robustness.Run(
            new UniformNoise(), AttackTarget.Label(new FloatClassifier(_model)), Images, budget);
        RobustnessResult fickle = Robustness.Run(
            new UniformNoise(),
            AttackTarget.Label(new FickleClassifier(new FloatClassifier(_model))), Images, budget);
        Assert.DoesNotContain("not_deterministic", Checks(steady));
        Assert.Contains("not_deterministic", Checks(fickle));
    }

    [Fact]
    public void Examine_MaskedGradientsWithEverythingAllowed_LeaveWhatShouldFall()
    {
        float[] weight = [.. Enumerable.Range(0, 24).Select(i => i < 12 ? 10_000f : -10_000f)];
        FloatNetwork network = Fixtures.Linear(weight, [0, 119_000]);
        float[] pixels = [.. Enumerable.Range(0, 20 * 12).Select(i => 0.55f + (0.001f * (i % 7)))];
        var images = new LabelledImages(network.Input, pixels, new int[20]);
        using var model = new ManagedGradientModel(network, 1);
        string[] Allowed(IAttack attack) => Checks(Robustness.Run(
            attack, AttackTarget.WhiteBox(new FloatClassifier(model)), images,
            new(Norm.Linf, new(1))));
        Assert.Contains(
            "unbounded_not_zero",
            Allowed(new ProjectedGradient(
                "naive", 20, 0.125, StartPoint.Image, loss: CrossEntropyLoss.Instance)));
        Assert.Empty(Allowed(AutoPgd.Scaled()));
    }

    [Fact]
    public void Examine_LastOfFewRestartsStillBreaks_SaysThatMoreMayHelp()
    {
        // Two steps of little length: where they start decides.
        var attack = new ProjectedGradient("short", 2, 0.1, StartPoint.Uniform);
        int flagged = 0;
        foreach (RobustnessResult result in Robustness.RunGrid(
            attack, AttackTarget.WhiteBox(new FloatClassifier(_model)), Images,
            Enumerable.Range(1, 20).Select(i => new Budget(Norm.Linf, new(0.02 * i))),
            new() { Restarts = 2 }))
        {
            bool helped = result.Images.Count(i => i.BrokenAtAttempt == 1)
                > Believability.ChanceImages;
            Assert.Equal(helped, Checks(result).Contains("restarts_still_help"));
            if (helped) flagged++;
        }

        Assert.InRange(flagged, 1, 19);
    }

    [Fact]
    public void Examine_WhiteBoxThatLeavesMoreThanTransfer_SaysSo()
    {
        // Cross-entropy of logits times 10,000 has no gradient; the network that they were scaled
        // from has, and its images carry over.
        float[] weight = [.. Enumerable.Range(0, 24).Select(i => i < 12 ? 1f : -1f)];
        FloatNetwork plain = Fixtures.Linear(weight, [0, 11.9f]),
            large = Fixtures.Linear([.. weight.Select(w => 10_000 * w)], [0, 119_000]);
        float[] pixels = [.. Enumerable.Range(0, 20 * 12).Select(i => 0.55f + (0.001f * (i % 7)))];
        var images = new LabelledImages(plain.Input, pixels, new int[20]);
        using var plainModel = new ManagedGradientModel(plain, 1);
        using var largeModel = new ManagedGradientModel(large, 1);
        var source = new FloatClassifier(plainModel, "float");
        var chip = new FloatClassifier(largeModel, "chip");
        RobustnessResult Run(IAttack attack, AttackTarget target) =>
            Robustness.Run(attack, target, images, new(Norm.Linf, new(0.2)));
        Observation[] carried =
            [.. Observation.Of(Run(AutoPgd.CrossEntropy(20), AttackTarget.Transfer(source, chip)))];
        string[] Doubts(RobustnessResult white) =>
            [.. Believability.Examine([.. Observation.Of(white), .. carried]).Select(d => d.Check)];
        RobustnessResult weak = Run(ProjectedGradient.Pgd(), AttackTarget.WhiteBox(chip, source));
        Assert.Equal(20, weak.Judges[0].RobustRight);
        Assert.Contains("weaker_than_transfer", Doubts(weak));

        RobustnessResult strong = Run(Ensemble.Standard(), AttackTarget.WhiteBox(chip, source));
        Assert.Equal(0, strong.Judges[0].RobustRight);
        Assert.Empty(Doubts(strong));
        Assert.All(strong.Images, i => Assert.True(i.BrokenAtAttempt <= 1));

        // Without the network it was scaled from, another of its members does.
        Assert.Equal(
            0, Run(Ensemble.Standard(), AttackTarget.WhiteBox(chip)).Judges[0].RobustRight);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Examine_RatioOfTooFewLogits_SaysHowManyItNeeds(int classes, bool isTooFew)
    {
        float[] weight = [.. Enumerable.Range(0, classes * 6).Select(i => (i * 7 % 11) - 5f)];
        FloatNetwork network = Fixtures.Linear(weight, new float[classes]);
        using var model = new ManagedGradientModel(network, 1);
        float[] pixels = [.. Enumerable.Range(0, 60).Select(i => i * 13 % 10 / 10f)];
        var images = new LabelledImages(network.Input, pixels, new int[10]);
        var source = new FloatClassifier(model);
        images = images with { Labels = Robustness.Classify(source, images) };
        string[] checks = Checks(Robustness.Run(
            AutoPgd.Dlr(5), AttackTarget.WhiteBox(source), images, new(Norm.Linf, new(0.01))));
        Assert.Equal(isTooFew, checks.Contains("too_few_classes"));
        Assert.DoesNotContain("zero_gradients", checks);
    }

    [Fact]
    public void Examine_GradientZeroOnceTheAttackHasWon_IsNoMask()
    {
        // DLR is -1 wherever the true class has fallen to the third place.
        FloatNetwork network = Fixtures.Linear([0, 0, 1, 0, 0, 1, -1, -1], [0, -0.6f, -0.6f, -9]);
        using var model = new ManagedGradientModel(network, 1);
        var images = new LabelledImages(
            network.Input, [.. Enumerable.Repeat(0.5f, 20)], new int[10]);
        RobustnessResult result = Robustness.Run(
            AutoPgd.Dlr(20), AttackTarget.WhiteBox(new FloatClassifier(model)), images,
            new(Norm.Linf, new(0.3)));
        Assert.Equal(0, result.Judges[0].RobustRight);
        Assert.Empty(Checks(result));
    }

    [Fact]
    public void Examine_NothingAllowed_IsNotAttacked() => Assert.Equal(
        ["not_attacked"],
        Checks(Robustness.Run(
            new UniformNoise(), AttackTarget.Label(new FloatClassifier(_model)), Images,
            new(Norm.Linf, new(0)))));

    [Fact]
    public void Examine_SoundStudy_IsBelievable()
    {
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 2);
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(model));
        List<Observation> observations = [];
        foreach (
            IAttack attack in new IAttack[] { ProjectedGradient.Fgsm(), AutoPgd.CrossEntropy(50) })
            foreach (
                RobustnessResult result in Robustness.RunGrid(
                    attack,
                    target,
                    Fixtures.Bars.Images,
                    new[] { "0.05", "0.1", "0.2", "1" }.Select(e => new Budget(
                        Norm.Linf, Epsilon.Parse(e)))
                )
            )
                observations.AddRange(Observation.Of(result));
        Assert.Empty(Believability.Examine(observations).Select(d => d.Message));
    }

    [Fact]
    public void Examine_StepsTooSmall_AreFlagged()
    {
        // Forty steps of a hundredth of epsilon: images fall one after another to the end.
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 2);
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(model, "net"));
        var crawling = new ProjectedGradient("crawling", 40, 0.01, StartPoint.Image);
        RobustnessResult slow = Robustness.Run(
            crawling, target, Fixtures.Bars.Images, new(Norm.Linf, new(0.3)));
        RobustnessResult sound = Robustness.Run(
            ProjectedGradient.Pgd(), target, Fixtures.Bars.Images, new(Norm.Linf, new(0.3)));
        Assert.Equal(
            ["steps_still_help"],
            Believability.Examine([.. Observation.Of(slow)]).Select(d => d.Check));
        Assert.Empty(Believability.Examine([.. Observation.Of(sound)]));
    }

    private static string[] Checks(RobustnessResult result) =>
        [.. Believability.Examine([.. Observation.Of(result)]).Select(d => d.Check)];
}
