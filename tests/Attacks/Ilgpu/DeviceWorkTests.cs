using System.Text.RegularExpressions;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>
/// What a device is really given: threads, instructions and texts of launches, which the driver
/// without a card counts. Results tell nothing of these.
/// </summary>
[Collection("alone")]
[Trait("Device", "cuda")]
public sealed class DeviceWorkTests
{
    private const int Images = 128;

    /// <summary>
    /// Four times the channels are four times the loop of a thread if it had them by itself: four
    /// warps of a group share them, so that it is one time.
    /// </summary>
    [SkippableTheory]
    [InlineData(8)]
    [InlineData(16)]
    public void Dense_FourWarps_ShareTheChannels(int outputs)
    {
        (DeviceWork few, DeviceWork many) = (Dense(64, outputs), Dense(256, outputs));

        // 128 images are four blocks, the columns of a tile; eight outputs are its rows.
        Assert.Equal(outputs / 8 * 4 * 32, few.Threads);
        Assert.Equal(few.Threads, many.Threads);
        Assert.Contains("bar.sync", many.Text);
        string turn = Fullest(many);
        int instructions = Regex.Count(turn, @";\s*$", RegexOptions.Multiline);

        // Four channels a turn, a quarter of the channels each: 4 turns before, 16 now.
        Assert.InRange(many.Longest - few.Longest, 12 * instructions, 12 * (instructions + 8));
        Assert.Equal(4 * (4 + 2), Loads(turn));
        Assert.Equal(4 * 8 * 4, Products(turn));
        Assert.DoesNotContain(".local", many.Text);
    }

    /// <summary>A row of five places: eight values, five times eight weights.</summary>
    [SkippableTheory]
    [InlineData(6, 6)]
    [InlineData(16, 8)]
    public void Convolution_RowOfItsKernel_IsLoadsAndProducts(int filters, int atOnce)
    {
        FloatNetwork network = new NetworkBuilder("n", new(3, 12, 12))
            .Conv(filters, 5, padding: 2).Relu().Flatten().Dense(8).Build();
        DeviceWork first = Logits(network).Single(w => w.Kernel.Contains("Slide"));
        string row = Fullest(first);
        Assert.Equal(8 + (5 * 2), Loads(row));
        Assert.Equal(5 * 4 * atOnce, Products(row));
        Assert.DoesNotContain(".local", first.Text);
    }

    /// <summary>
    /// A convolution, its ReLU and its pool are one launch, and twice the same row of the kernel.
    /// </summary>
    [SkippableFact]
    public void ConvolutionAndPool_AreOneLaunch()
    {
        FloatNetwork network = new NetworkBuilder("n", new(3, 12, 12))
            .Conv(6, 5, padding: 2).Relu().MaxPool(2).Flatten().Dense(8).Build();
        DeviceWork[] all = Logits(network);
        Assert.DoesNotContain(all, w => Regex.IsMatch(w.Kernel, "Max|Relu"));
        DeviceWork pooled = all.Single(w => w.Kernel.Contains("Slide"));
        Assert.Equal(2, pooled.Blocks.Count(b => Loads(b) == 18 && Products(b) == 5 * 4 * 6));
        Assert.DoesNotContain(".local", pooled.Text);
    }

    private static DeviceWork Dense(int channels, int outputs) =>
        Logits(new NetworkBuilder("n", new(channels)).Dense(outputs).Build())
            .Single(w => w.Kernel.Contains("Run"));

    private static DeviceWork[] Logits(FloatNetwork network)
    {
        IBackend device = BackendList.Find("cuda")!;
        Skip.If(device.WhyUnavailable is not null, device.WhyUnavailable);
        using var model = new IlgpuGradientEngine((IlgpuBackend)device).Create(network, 1);
        return DeviceWork.Of(() => model.Logits(
            TestNetworks.Images(network, Images), Images, new float[Images * network.Classes]));
    }

    private static string Fullest(DeviceWork work) => work.Blocks.MaxBy(Products)!;

    private static int Loads(string block) => Regex.Count(block, @"\bld\.global");

    private static int Products(string block) => Regex.Count(block, @"\b(fma\.rn|mul)\.f32");
}
