using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>Batches that are under way at the same time, as a device's are.</summary>
public sealed class SeveralBatchesTests : IDisposable
{
    private static readonly LabelledImages Images = Fixtures.Bars.Images;

    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 1);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_GivesWhatOneBatchGives(int together)
    {
        RobustnessResult expected = Run(new FloatClassifier(_model), Images.Count, []);
        List<int> done = [];
        RobustnessResult actual = Run(Source(together), 8, done);
        Assert.Equal((Images.Count + 7) / 8, done.Count);
        Assert.Equal(done.Order(), done);
        Assert.Equal(Images.Count, done[^1]);
        Assert.Equal(expected.Adversarial, actual.Adversarial);
        Assert.Equal(expected.Images, actual.Images);
        Assert.Equal(expected.Judges[0].RobustRight, actual.Judges[0].RobustRight);
    }

    /// <summary>Two that wait for each other in the middle are under way together.</summary>
    [Fact]
    public void Run_TwoTogether_AreUnderWayAtTheSameTime()
    {
        using var both = new Barrier(2);
        SmallBatches device = Source(
            together: 2, () => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(60))));
        var two = new LabelledImages(
            Images.Shape, Images.Pixels[..(16 * Images.Shape.Length)], Images.Labels[..16]);
        Robustness.Run(
            ProjectedGradient.Fgsm(), AttackTarget.WhiteBox(device), two,
            new(Norm.Linf, new(0.1)), new() { BatchSize = 8 });
    }

    [Fact]
    public void Run_OneFails_ThrowsThat()
    {
        SmallBatches device = Source(
            together: 2, () => throw new InvalidOperationException("gone"));
        Assert.Equal("gone", Assert.Throws<InvalidOperationException>(
            () => Run(device, 8, [])).Message);
    }

    private SmallBatches Source(int together, Action? asked = null) =>
        new(new FloatClassifier(_model), together) { One = new(), Asked = asked };

    private static RobustnessResult Run(
        IDifferentiableClassifier source, int batch, List<int> done) => Robustness.Run(
        ProjectedGradient.Pgd(steps: 5), AttackTarget.WhiteBox(source), Images,
        new(Norm.Linf, new(0.1)), new() { BatchSize = batch, Progress = p => done.Add(p.Done) });
}
