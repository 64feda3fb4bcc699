using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>
/// A device with little memory: whoever needs some has what others only keep, then goes on with
/// fewer images at a time, and all comes out the same.
/// </summary>
public sealed class LittleMemoryTests
{
    private static readonly FloatNetwork Network = Fixtures.Bars.Network;
    private static readonly LabelledImages Images = Threefold(Fixtures.Bars.Images);

    private static Climb Climb => new(
        CrossEntropyLoss.Instance, 1, 0.3f, new(Norm.Linf, new(0.3)), StopsAtFooled: true);

    /// <summary>Two models, of which the device has room for one's climb.</summary>
    [Fact]
    public void Make_OfTwoModelsInTurns_EachHasWhatTheOtherKept()
    {
        var listener = new DeviceListener();
        DeviceSession session = Open("ilgpu-cpu:two-models", listener).Open();
        using var first = new IlgpuGradientModel(Network, "ilgpu", session, 1);
        using var second = new IlgpuGradientModel(Network, "ilgpu", session, 1);
        ClimbImages expected = Make(first);
        listener.Memory = listener.LiveBytes * 3 / 2;
        foreach (IlgpuGradientModel model in new[] { second, first, second })
        {
            AssertSame(expected, Make(model));
            Assert.Equal(ImageBlocks.For(Images.Count), model.Pass.Tensors.Capacity);
        }
    }

    /// <summary>A program's run and a climb, likewise; and logits after a climb.</summary>
    [Fact]
    public void RunAndMake_InTurns_EachHasWhatTheOtherKept()
    {
        var listener = new DeviceListener();
        IlgpuBackend device = Open("ilgpu-cpu:run-and-climb", listener);
        using var model = new IlgpuGradientModel(Network, "ilgpu", device.Open(), 1);
        using var chip = new Simulation(
            Chip.Quantize(Network, Images.Pixels, "int8-wide"), device);
        var hardware = new HardwareClassifier(chip, "h", model);
        int[] classes = Classes(hardware), ofNetwork = Classes(new FloatClassifier(model));
        ClimbImages expected = Make(model, chip);
        long all = listener.LiveBytes;
        hardware.Release();
        listener.Memory = listener.LiveBytes + ((all - listener.LiveBytes) / 2);
        for (int turn = 0; turn < 2; turn++)
        {
            Assert.Equal(classes, Classes(hardware));
            AssertSame(expected, Make(model, chip));
            Assert.Equal(ImageBlocks.For(Images.Count), model.Pass.Tensors.Capacity);
            Assert.Equal(ofNetwork, Classes(new FloatClassifier(model)));
        }
    }

    /// <summary>
    /// Less and less of it, until not even one block of images fits: that is one line, and the
    /// device is good for the next.
    /// </summary>
    [Theory]
    [InlineData(null)]
    [InlineData("int8-wide")]
    public void Make_WithLessAndLessMemory_GivesTheSameOrOneLine(string? profile)
    {
        var listener = new DeviceListener();
        string name = $"ilgpu-cpu:less-{profile}";
        IlgpuBackend device = Open(name, listener);
        using Simulation? chip = profile is null
            ? null
            : new(Chip.Quantize(Network, Images.Pixels, profile), device);
        ClimbImages expected;
        long all, loaded;
        using (var model = new IlgpuGradientModel(Network, "ilgpu", device.Open(), 1))
        {
            loaded = listener.LiveBytes;
            expected = Make(model, chip);
            all = listener.LiveBytes - loaded;
        }

        int same = 0, refused = 0;
        foreach (int share in new[] { 48, 36, 24, 6, 1 })
        {
            listener.Memory = long.MaxValue;
            using var model = new IlgpuGradientModel(Network, "ilgpu", device.Open(), 1);
            listener.Memory = loaded + (all * share / 60);
            if (Record.Exception(() => AssertSame(expected, Make(model, chip))) is not { } e)
            {
                Assert.Equal(0, refused);
                same++;
                continue;
            }

            refused++;
            Assert.Equal(
                $"{name}: out of memory even with one image at a time; free some or use another "
                    + "backend",
                Assert.IsType<DeviceException>(e).Message);
            listener.Memory = long.MaxValue;
            AssertSame(expected, Make(model, chip));
        }

        Assert.True(same > 1 && refused > 1, $"{same} the same, {refused} refused");
    }

    /// <summary>Batches side by side where there is room for one, and hardly that.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Make_SideBySideWithLittleMemory_GivesTheSame(int fifths)
    {
        var listener = new DeviceListener();
        DeviceSession session = Open($"ilgpu-cpu:side-by-side{fifths}", listener).Open();
        using var model = new IlgpuGradientModel(Network, "ilgpu", session, 1);
        long loaded = listener.LiveBytes;
        ClimbImages expected = Make(model);
        listener.Memory = loaded + ((listener.LiveBytes - loaded) * fifths / 5);
        lock (session) session.Kept.Release();
        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 3 }, _ =>
            AssertSame(expected, Make(model)));
    }

    private static int[] Classes(IClassifier classifier) =>
        QSim.Attacks.Evaluation.Evaluation.Classify(classifier, Images, batchSize: Images.Count);

    private static void AssertSame(ClimbImages expected, ClimbImages actual)
    {
        Assert.Equal(expected.Pixels, actual.Pixels);
        Assert.Equal(expected.Logits, actual.Logits);
        Assert.Equal(expected.Classes, actual.Classes);
        Assert.Equal(expected.Decisions, actual.Decisions);
        Assert.Equal(expected.Questions, actual.Questions);
        Assert.Equal(expected.Zeros, actual.Zeros);
    }

    private static ClimbImages Make(IlgpuGradientModel model, Simulation? chip = null)
    {
        var images = new ClimbImages(
            [.. Images.Pixels], Images.Pixels, Images.Labels,
            new float[Images.Count * Network.Classes]);
        model.Make(Climb, images, chip, CancellationToken.None);
        return images;
    }

    private static IlgpuBackend Open(string name, DeviceListener listener) =>
        (IlgpuBackend)TestDevices.Cpu(name, listener: listener);

    /// <summary>More images than two blocks have.</summary>
    private static LabelledImages Threefold(LabelledImages images) => images with
    {
        Pixels = [.. Enumerable.Repeat(images.Pixels, 3).SelectMany(p => p)],
        Labels = [.. Enumerable.Repeat(images.Labels, 3).SelectMany(l => l)],
    };
}
