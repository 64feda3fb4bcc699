using System.Text.RegularExpressions;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
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

    /// <summary>
    /// The way back of both is one launch. Four rows of the kernel read the same of the pool's
    /// gradient; in the first columns, and in the last, only what lies in the image is multiplied.
    /// </summary>
    [SkippableFact]
    public void ConvolutionAndPool_AreOneLaunchBack_OfProductsInTheImageAlone()
    {
        FloatNetwork network = new NetworkBuilder("n", new(6, 14, 14))
            .Conv(16, 5).Relu().MaxPool(2).Flatten().Dense(8).Build();
        DeviceWork[] all = Works(network, model => model.Gradients(
            TestNetworks.Images(network, Images), TestNetworks.Labels(network, Images),
            CrossEntropyLoss.Instance, new float[Images * network.Input.Length],
            new float[Images], new float[Images * network.Classes]));
        Assert.DoesNotContain(all, w => Regex.IsMatch(w.Kernel, "Spread|Note"));
        DeviceWork back = all.Single(w => w.Kernel.Contains("Wide"));
        Assert.Equal(14 / 2 * 4 * 32 * Images / 32, back.Threads);
        int[] products = [.. back.Blocks.Select(Products).Where(p => p > 0).Order()];
        int[] inImage = [3, 10, 5 * 4];
        Assert.Equal(inImage.SelectMany(p => Enumerable.Repeat(6 * p, 4)), products);
        Assert.Single(back.Blocks, b => Loads(b) == 4 + 4 && Products(b) == 0);
        Assert.DoesNotContain(".local", back.Text);
    }

    private static DeviceWork Dense(int channels, int outputs) =>
        Logits(new NetworkBuilder("n", new(channels)).Dense(outputs).Build())
            .Single(w => w.Kernel.Contains("Run"));

    private static DeviceWork[] Logits(FloatNetwork network) => Works(
        network, model => model.Logits(
            TestNetworks.Images(network, Images), Images, new float[Images * network.Classes]));

    private static DeviceWork[] Works(FloatNetwork network, Action<ITrainableModel> work)
    {
        IBackend device = BackendList.Find("cuda")!;
        Skip.If(device.WhyUnavailable is not null, device.WhyUnavailable);
        using var model = new IlgpuGradientEngine((IlgpuBackend)device).Create(network, 1);
        return DeviceWork.Of(() => work(model));
    }

    private static string Fullest(DeviceWork work) => work.Blocks.MaxBy(Products)!;

    private static int Loads(string block) => Regex.Count(block, @"\bld\.global");

    private static int Products(string block) => Regex.Count(block, @"\b(fma\.rn|mul)\.f32");
}
