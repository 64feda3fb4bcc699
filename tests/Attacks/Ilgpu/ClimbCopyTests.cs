using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>
/// How many bytes an attack that stays on a CUDA device sends there and takes back, all through
/// memory that the device reads and writes by itself.
/// </summary>
[Collection("alone")]
[Trait("Device", "cuda")]
public sealed class ClimbCopyTests
{
    /// <summary>An image under attack, on the device.</summary>
    private const int State = 24;

    private static readonly FloatNetwork Network = Fixtures.Bars.Network;
    private static readonly LabelledImages Images = Fixtures.Bars.Images;

    private static IlgpuBackend Usable
    {
        get
        {
            IBackend cuda = BackendList.Find("cuda")!;
            Skip.If(cuda.WhyUnavailable is not null, cuda.WhyUnavailable);
            return (IlgpuBackend)cuda;
        }
    }

    /// <summary>
    /// Images and originals go there, whatever the steps; images and their answers come back. A few
    /// after many take no more than they are.
    /// </summary>
    [SkippableFact]
    public void Make_MovesImagesThereAndBackOnce()
    {
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        IClimber climber = new FloatClassifier(model);
        var climb = new Climb(
            CrossEntropyLoss.Instance, 3, 0.1f, new(Norm.Linf, new(0.3)), StopsAtFooled: false);
        foreach (int count in new[] { Images.Count, 5 })
        {
            LabelledImages some = Images.Slice(0, count);
            var images = new ClimbImages(
                [.. some.Pixels], some.Pixels, some.Labels, new float[count * Network.Classes]);
            int pixels = some.Pixels.Length * sizeof(float),
                logits = images.Logits.Length * sizeof(float),
                states = ImageBlocks.For(count) * ImageBlocks.Lanes * State;
            Assert.Equal(
                new(0, 0, (2 * pixels) + states, pixels + logits + (count * (State + sizeof(int)))),
                CopiedBytes.Of(() => climber.Make(climb, images, CancellationToken.None)));
        }
    }

    [SkippableFact]
    public void Classify_MovesImagesThereAndLogitsBack()
    {
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        var classifier = new FloatClassifier(model);
        foreach (int count in new[] { Images.Count, 5 })
        {
            LabelledImages some = Images.Slice(0, count);
            Assert.Equal(
                new(
                    0, 0, some.Pixels.Length * sizeof(float),
                    count * Network.Classes * sizeof(float)),
                CopiedBytes.Of(() =>
                    Robustness.Classify(classifier, some, batchSize: Images.Count)));
        }
    }
}
