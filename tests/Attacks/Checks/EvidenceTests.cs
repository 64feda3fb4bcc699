using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Datapath;
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
            new UniformNoise(), AttackTarget.Label(new Fickle(new FloatClassifier(_model))),
            Images, budget);
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

    private static string[] Checks(RobustnessResult result) =>
        [.. Believability.Examine([.. Observation.Of(result)]).Select(d => d.Check)];

    /// <summary>Every other time the next class.</summary>
    private sealed class Fickle(IClassifier like) : IClassifier
    {
        private bool _isOdd;

        public string Name => "fickle";

        public TensorShape Input => like.Input;

        public int Classes => like.Classes;

        public void Classify(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
            Span<int> classes)
        {
            like.Classify(images, indices, logits, classes);
            if (_isOdd)
                foreach (ref int c in classes) c = (c + 1) % Classes;
            _isOdd = !_isOdd;
        }
    }
}
