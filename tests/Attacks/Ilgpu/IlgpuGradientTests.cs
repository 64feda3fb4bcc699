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
/// The kernels agree with the managed engine within 1e-5 of a result's largest value.
/// </summary>
public abstract class IlgpuGradientTests
{
    private const int Count = 45;
    private const double Tolerance = 1e-5;

    /// <summary>Where the kernels run.</summary>
    protected abstract IBackend Device { get; }

    public static TheoryData<string> Networks => TestNetworks.Names;

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void Gradients_EveryLayer_EqualManaged(string name) =>
        Compare(TestNetworks.Create(name), GradientsOf);

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void Logits_EveryLayer_EqualManaged(string name) =>
        Compare(TestNetworks.Create(name), (model, batch) =>
        {
            var logits = new float[Count * model.Classes];
            model.Logits(batch.Images, Count, logits);
            return [logits];
        });

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void StraightThrough_EveryTensorGiven_EqualManaged(string name) =>
        CompareGiven(TestNetworks.Create(name), given: _ => true);

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void StraightThrough_SomeTensorsGiven_EqualManaged(string name)
    {
        foreach (int odd in new[] { 0, 1 })
            CompareGiven(TestNetworks.Create(name), given: t => t % 2 == odd);
    }

    [SkippableTheory]
    [InlineData(100, 8)]
    public void Gradients_RandomNetworks_EqualManaged(int firstSeed, int networks)
    {
        for (int seed = firstSeed; seed < firstSeed + networks; seed++)
        {
            FloatNetwork network = RandomNetworks.Create((ulong)seed);
            Compare(network, GradientsOf, $"seed {seed}");
            CompareGiven(network, t => (t * seed) % 3 != 0, $"seed {seed}");
        }
    }

    [SkippableFact]
    public void Gradients_AnyBatch_GiveTheSameBits()
    {
        using ITrainableModel model = Create(TestNetworks.Create("two_convs"));
        Batch all = Batch.Of(TestNetworks.Create("two_convs"));
        float[] expected = GradientsOf(model, all)[0];
        int length = model.Input.Length;
        foreach (int size in new[] { 1, 31, 32, 33 })
        {
            float[] images = all.Images[..(size * length)], gradients = new float[images.Length];
            model.Gradients(
                images, all.Labels.AsSpan(0, size), RescaledCrossEntropyLoss.Instance, gradients,
                new float[size], new float[size * model.Classes]);
            Assert.Equal(expected[..gradients.Length], gradients);
        }
    }

    [SkippableFact]
    public void ParameterGradients_Refresh_AndDeadLayers_AreManaged() =>
        Compare(TestNetworks.Create("two_convs"), (model, batch) =>
        {
            batch.Network.Layers[0].Parameters[1][2] += 0.5f;
            batch.Network.Layers[3].Parameters[0][2] += 0.5f;
            model.Refresh();
            var gradients = new float[model.ParameterCount];
            model.ParameterGradients(
                batch.Images, batch.Labels, CrossEntropyLoss.Instance, gradients,
                new float[Count], new float[Count * model.Classes]);
            string?[] dead = model.DeadLayers(
                batch.Images, batch.Labels, CrossEntropyLoss.Instance,
                FloatActivations.None);
            return [gradients, .. GradientsOf(model, batch),
                [.. dead.Select(d => d is null ? 1f : 2)]];
        });

    [SkippableFact]
    public void Gradients_WrongLength_IsRefused()
    {
        using ITrainableModel model = Create(TestNetworks.Create("dense"));
        Assert.Throws<ArgumentException>(() => model.Logits(new float[5], 1, new float[7]));
        Assert.Throws<ArgumentException>(() =>
            model.Gradients(
                new float[13], [0], CrossEntropyLoss.Instance, new float[12], new float[1],
                new float[7])
        );
    }

    internal static float[][] GradientsOf(ITrainableModel model, Batch batch)
    {
        var gradients = new float[batch.Images.Length];
        (float[] losses, float[] logits) = (new float[Count], new float[Count * model.Classes]);
        model.Gradients(
            batch.Images, batch.Labels, RescaledCrossEntropyLoss.Instance, gradients, losses,
            logits);
        return [gradients, losses, logits];
    }

    private void CompareGiven(FloatNetwork network, Func<int, bool> given, string what = "")
    {
        Dictionary<int, float[]> values = Enumerable.Range(1, network.Layers.Length).Where(given)
            .ToDictionary(t => t, t => Values(Count * network.Shape(t).Length, (ulong)t));
        Compare(network, (model, batch) =>
        {
            var gradients = new float[batch.Images.Length];
            (float[] losses, float[] logits) = (
                new float[Count], new float[Count * model.Classes]);
            model.Gradients(
                batch.Images, batch.Labels, CrossEntropyLoss.Instance, gradients, losses, logits,
                new FloatActivations(values));
            return [gradients, losses, logits];
        }, what);
    }

    private void Compare(
        FloatNetwork network, Func<ITrainableModel, Batch, float[][]> run, string what = "") =>
        Compare(Device, network, run, what);

    internal static void Compare(
        IBackend device, FloatNetwork network, Func<ITrainableModel, Batch, float[][]> run,
        string what = "")
    {
        using ITrainableModel actual = Create(device, network.Copy());
        using var expected = new ManagedGradientModel(network.Copy(), 2);
        float[][] right = run(expected, Batch.Of(network.Copy())),
            mine = run(actual, Batch.Of(network.Copy()));
        for (int i = 0; i < right.Length; i++) AssertClose(right[i], mine[i], $"{what} [{i}]");
    }

    protected ITrainableModel Create(FloatNetwork network) => Create(Device, network);

    private static ITrainableModel Create(IBackend device, FloatNetwork network)
    {
        Skip.If(device.WhyUnavailable is not null, device.WhyUnavailable);
        return new IlgpuGradientEngine((IlgpuBackend)device).Create(network, 1);
    }

    private static float[] Values(int count, ulong seed)
    {
        var random = new KeyedRandom(seed, RandomPurpose.AttackStart, 0);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextFloat(-1, 1))];
    }

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        double scale = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= Tolerance * scale,
                $"{what}[{i}]: {actual[i]}, not {expected[i]}");
    }

    internal sealed record Batch(FloatNetwork Network, float[] Images, int[] Labels)
    {
        public static Batch Of(FloatNetwork network) => new(
            network, TestNetworks.Images(network, Count), TestNetworks.Labels(network, Count));
    }
}

/// <summary>On ILGPU's debugger.</summary>
public sealed class CpuGradientTests : IlgpuGradientTests
{
    protected override IBackend Device => TestDevices.Cpu("ilgpu-cpu:gradients");

    [Fact]
    public void Gradients_LittleMemory_GoInChunks()
    {
        FloatNetwork network = TestNetworks.Create("conv");
        long block = DeviceTensors.FloatsPerBlock(network) * sizeof(float);
        long beside = DeviceTensors.FloatsBeside(network) * sizeof(float);
        var small = (IlgpuBackend)TestDevices.Cpu(
            "ilgpu-cpu:small-gradients", (block * 3) + beside);
        using var model = new IlgpuGradientModel(network, "ilgpu", small.Open(), 1);
        using ITrainableModel whole = Create(network);
        Batch batch = Batch.Of(network);
        Assert.Equal(GradientsOf(whole, batch)[0], GradientsOf(model, batch)[0]);
        Assert.Equal(1, model.Pass.Tensors.Capacity);
    }
}

/// <summary>On the first OpenCL device.</summary>
public sealed class OpenClGradientTests : IlgpuGradientTests
{
    private static readonly IBackend First =
        TestDevices.OpenCl("opencl:gradients", specializes: false);

    protected override IBackend Device => First;
}

/// <summary>
/// On the first CUDA device, with product kernels compiled for their windows: bench/Cuda will do.
/// </summary>
[Trait("Device", "cuda")]
public sealed class CudaGradientTests : IlgpuGradientTests
{
    protected override IBackend Device => BackendList.Find("cuda")!;
}

/// <summary>With product kernels compiled for their windows, as GPUs run them.</summary>
public sealed class SpecializedGradientTests
{
    private static readonly IBackend Device =
        TestDevices.OpenCl("opencl:gradients-specialized", specializes: true);

    [SkippableTheory]
    [InlineData("two_convs")]
    [InlineData("conv_strided")]
    [InlineData("conv_depthwise")]
    [InlineData("mlp")]
    public void Gradients_CompiledForWindows_EqualManaged(string name) =>
        IlgpuGradientTests.Compare(
            Device, TestNetworks.Create(name), IlgpuGradientTests.GradientsOf);
}
