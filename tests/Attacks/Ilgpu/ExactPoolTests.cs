using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator.Networks;
using AddLayer = QSim.Simulator.Networks.AddLayer;

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

    private const string TwoReaders = "two readers", TwoPools = "two after each other";

    public static TheoryData<string> Networks => [.. Chains.Keys, TwoReaders];

    private static readonly Dictionary<string, Func<NetworkBuilder>> Chains = new()
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
        [TwoPools] = () => Start(1, 16, 12).Conv(6, 5, padding: 2).Relu().MaxPool(2)
            .Conv(9, 3, padding: 1).Relu().MaxPool(2),
        ["a pool alone"] = () => Start(2, 6, 8).MaxPool(2),
        ["a pool behind a pool"] = () =>
            Start(1, 8, 8).Conv(3, 3, padding: 1).MaxPool(2).MaxPool(2),
        ["a narrow convolution"] = () => Start(2, 8, 8).Conv(2, 3, padding: 1).Relu().MaxPool(2),
        ["one place"] = () => Start(3, 4, 8).Conv(6, 1).Relu().MaxPool(2),
        ["odd rows and columns, one filter back"] = () =>
            Start(1, 9, 9).Conv(4, 2).Relu().MaxPool(2),
        ["odd rows, tiles between the first and the last"] = () =>
            Start(4, 7, 23).Conv(9, 4).Relu().MaxPool(2),
        ["one filter back, tiles between the first and the last"] = () =>
            Start(1, 6, 28).Conv(5, 5, padding: 2).MaxPool(2),
        ["seven places"] = () => Start(3, 8, 10).Conv(5, 7, padding: 3).Relu().MaxPool(2)
            .Conv(3, 3, padding: 1).MaxPool(2),
        ["seven places, one filter back"] = () => Start(1, 8, 10).Conv(5, 7).Relu().MaxPool(2),
        ["more padding than the kernel has places"] = () =>
            Start(3, 4, 4).Conv(4, 3, padding: 4).Relu().MaxPool(2),
        ["a pool that is cut"] = () => Start(2, 7, 9).Conv(5, 3, padding: 1).Relu().MaxPool(2),
    };

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void Gradients_OfWholeNumbers_AreManagedToTheBit(string name)
    {
        FloatNetwork network = name == TwoReaders ? WithTwoReaders() : Chain(name);
        Fill(network.Layers.SelectMany(l => l.Parameters));
        AssertEqual(network, null);
    }

    /// <summary>
    /// As hardware gives them, what pools read and their maxima: nobody has noted what won.
    /// </summary>
    [SkippableFact]
    public void Gradients_WhereValuesAreGiven_AreManagedToTheBit()
    {
        FloatNetwork network = Chain(TwoPools);
        Fill(network.Layers.SelectMany(l => l.Parameters));
        var given = new Dictionary<int, float[]>();
        foreach (int tensor in new[] { 2, 5 })
        {
            float[] values = new float[Count * network.Shape(tensor).Length];
            Fill([values]);
            for (int i = 0; i < values.Length; i++) values[i] = Math.Max(values[i], 0);
            given[tensor] = values;
            given[tensor + 1] = Largest(values, network.Shape(tensor).Columns);
        }

        AssertEqual(network, new FloatActivations(given));
    }

    private void AssertEqual(FloatNetwork network, IActivations? given)
    {
        Skip.If(Device.WhyUnavailable is not null, Device.WhyUnavailable);
        float[] images = new float[Count * network.Input.Length];
        Fill([images]);
        using ITrainableModel mine = new IlgpuGradientEngine((IlgpuBackend)Device)
            .Create(network, 1);
        using var managed = new ManagedGradientModel(network, 1);

        // Twice: what is noted of one batch is not the next one's.
        for (int batch = 0; batch < 2; batch++)
        {
            int[] expected = Bits(managed);
            Assert.Contains(expected[..images.Length], v => v != 0);
            Assert.Equal(expected, Bits(mine));
            Array.Reverse(images);
        }

        int[] Bits(ITrainableModel model)
        {
            float[] gradients = new float[images.Length], logits = new float[Count * 4];
            model.Gradients(
                images, TestNetworks.Labels(network, Count), MarginLoss.Instance, gradients,
                new float[Count], logits, given);

            // Sums that begin with 0 have no other.
            return [.. gradients.Concat(logits).Select(v => v == 0 ? 0 : v)
                .Select(BitConverter.SingleToInt32Bits)];
        }
    }

    private static FloatNetwork Chain(string name) =>
        Chains[name]().Flatten().Dense(4).Build();

    /// <summary>Two pools of the same values: neither is a convolution's alone.</summary>
    private static FloatNetwork WithTwoReaders()
    {
        FloatNetwork one = Start(3, 4, 6).Conv(4, 3, padding: 1).Relu().MaxPool(2).MaxPool(1)
            .MaxPool(1).Flatten().Dense(4).Build();
        var other = (MaxPool2dLayer)one.Layers[2] with { Name = "other", Inputs = [2] };
        return new("n", one.Input, [
            .. one.Layers[..3], other, new AddLayer("sum", [3, 4]),
            .. one.Layers[5..],
        ]);
    }

    /// <summary>Of every two by two.</summary>
    private static float[] Largest(float[] values, int columns) =>
    [
        .. values.Chunk(2 * columns).SelectMany(rows => Enumerable.Range(0, columns / 2).Select(
            c => new[] { 2 * c, (2 * c) + 1, columns + (2 * c), columns + (2 * c) + 1 }
                .Max(i => rows[i]))),
    ];

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
