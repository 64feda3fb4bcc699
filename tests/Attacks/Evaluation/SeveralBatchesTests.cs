using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;
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
        RobustnessResult actual = Run(new Device(_model, together), 8, done);
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
        var device = new Device(_model, 2)
        {
            Asked = () => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(60))),
        };
        var two = new LabelledImages(
            Images.Shape, Images.Pixels[..(16 * Images.Shape.Length)], Images.Labels[..16]);
        Robustness.Run(
            ProjectedGradient.Fgsm(), AttackTarget.WhiteBox(device), two,
            new(Norm.Linf, new(0.1)), new() { BatchSize = 8 });
    }

    [Fact]
    public void Run_OneFails_ThrowsThat()
    {
        var device = new Device(_model, 2)
        {
            Asked = () => throw new InvalidOperationException("gone"),
        };
        Assert.Equal("gone", Assert.Throws<InvalidOperationException>(
            () => Run(device, 8, [])).Message);
    }

    private static RobustnessResult Run(
        IDifferentiableClassifier source, int batch, List<int> done) => Robustness.Run(
        ProjectedGradient.Pgd(steps: 5), AttackTarget.WhiteBox(source), Images,
        new(Norm.Linf, new(0.1)), new() { BatchSize = batch, Progress = p => done.Add(p.Done) });

    /// <summary>Takes several batches, and does one thing at a time, like a device.</summary>
    private sealed class Device(IGradientModel model, int together) : IClimber
    {
        private readonly FloatClassifier _inner = new(model);
        private readonly Lock _one = new();

        /// <summary>Done at each question for gradients.</summary>
        public Action? Asked { get; init; }

        public string Name => _inner.Name;

        public TensorShape Input => _inner.Input;

        public int Classes => _inner.Classes;

        public int ImagesAtOnce => 0;

        public int BatchesAtOnce => together;

        public bool CanClimb(Climb climb) => false;

        public void Make(Climb climb, ClimbImages images, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public void Classify(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
            Span<int> classes)
        {
            lock (_one) _inner.Classify(images, indices, logits, classes);
        }

        public void Differentiate(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, ReadOnlySpan<int> labels,
            ILoss loss, GradientResults results)
        {
            Asked?.Invoke();
            lock (_one) _inner.Differentiate(images, indices, labels, loss, results);
        }
    }
}
