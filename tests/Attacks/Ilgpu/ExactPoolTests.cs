using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>
/// Convolutions and pools of small whole numbers: every sum is exact, in whatever order, and many
/// values of a window are equal, so that the managed engine's bits are asked for.
/// </summary>
public abstract class ExactPoolTests
{
    private const int Count = 37;

    /// <summary>Where the kernels run.</summary>
    protected abstract IBackend Device { get; }

    public static TheoryData<string> Networks => [.. All.Keys];

    private static readonly Dictionary<string, Func<NetworkBuilder>> All = new()
    {
        ["six filters, whole tiles"] = () =>
            Start(1, 8, 8).Conv(6, 3, padding: 1).Relu().MaxPool(2),
        ["half a tile of columns"] = () =>
            Start(2, 4, 10).Conv(8, 3, padding: 1).Relu().MaxPool(2),
        ["a second tile of filters"] = () =>
            Start(2, 4, 6).Conv(11, 3, padding: 1).Relu().MaxPool(2),
        ["no ReLU"] = () => Start(1, 6, 8).Conv(5, 3).MaxPool(2),
        ["nine places"] = () => Start(1, 4, 4).Conv(4, 9, padding: 4).Relu().MaxPool(2),
        ["groups"] = () => Start(4, 4, 8).Conv(6, 3, padding: 1, groups: 2).Relu().MaxPool(2),
        ["two after each other"] = () => Start(1, 16, 12).Conv(6, 5, padding: 2).Relu().MaxPool(2)
            .Conv(9, 3, padding: 1).Relu().MaxPool(2),
        ["a pool alone"] = () => Start(2, 6, 8).MaxPool(2),
        ["a pool behind a pool"] = () =>
            Start(1, 8, 8).Conv(3, 3, padding: 1).MaxPool(2).MaxPool(2),
        ["a narrow convolution"] = () => Start(2, 8, 8).Conv(2, 3, padding: 1).Relu().MaxPool(2),
        ["one place"] = () => Start(3, 4, 8).Conv(6, 1).Relu().MaxPool(2),
        ["a pool that is cut"] = () => Start(2, 7, 9).Conv(5, 3, padding: 1).Relu().MaxPool(2),
    };

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void Gradients_OfWholeNumbers_AreManagedToTheBit(string name)
    {
        Skip.If(Device.WhyUnavailable is not null, Device.WhyUnavailable);
        FloatNetwork network = All[name]().Flatten().Dense(4).Build();
        Fill(network.Layers.SelectMany(l => l.Parameters));
        float[] images = new float[Count * network.Input.Length];
        Fill([images]);
        using ITrainableModel mine = new IlgpuGradientEngine((IlgpuBackend)Device)
            .Create(network, 1);
        using var managed = new ManagedGradientModel(network, 1);

        // Twice: what is noted of one batch is not the next one's.
        for (int batch = 0; batch < 2; batch++)
        {
            Assert.Equal(Bits(managed), Bits(mine));
            Array.Reverse(images);
        }

        int[] Bits(ITrainableModel model)
        {
            float[] gradients = new float[images.Length], logits = new float[Count * 4];
            model.Gradients(
                images, TestNetworks.Labels(network, Count), MarginLoss.Instance, gradients,
                new float[Count], logits);

            // Sums that begin with 0 have no other.
            return [.. gradients.Concat(logits).Select(v => v == 0 ? 0 : v)
                .Select(BitConverter.SingleToInt32Bits)];
        }
    }

    private static NetworkBuilder Start(int channels, int rows, int columns) =>
        new("n", new(channels, rows, columns));

    private static void Fill(IEnumerable<float[]> arrays)
    {
        var random = new Random(5);
        foreach (float[] array in arrays)
            for (int i = 0; i < array.Length; i++) array[i] = random.Next(-2, 3);
    }
}

/// <summary>On PoCL, with kernels compiled for a layer's sizes, as GPUs run them.</summary>
public sealed class OpenClExactPoolTests : ExactPoolTests
{
    private static readonly IBackend First =
        TestDevices.OpenCl("opencl:pools-specialized", specializes: true);

    protected override IBackend Device => First;
}

/// <summary>On ILGPU's debugger, whose kernels are for any sizes.</summary>
public sealed class CpuExactPoolTests : ExactPoolTests
{
    protected override IBackend Device => TestDevices.Cpu("ilgpu-cpu:pools");
}

/// <summary>On the first CUDA device: bench/Cuda will do.</summary>
[Trait("Device", "cuda")]
public sealed class CudaExactPoolTests : ExactPoolTests
{
    protected override IBackend Device => BackendList.Find("cuda")!;
}
