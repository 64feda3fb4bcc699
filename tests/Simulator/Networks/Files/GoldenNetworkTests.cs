using System.Runtime.InteropServices;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Networks that PyTorch exported (Golden/make.py) say what PyTorch says.</summary>
public class GoldenNetworkTests
{
    internal static readonly string Folder = Path.Combine(
        Profiles.ProfileFolders.Root, "tests", "Simulator", "Networks", "Files", "Golden");

    [Theory]
    [InlineData("lenet.onnx", "lenet")]
    [InlineData("lenet.yaml", "lenet")]
    [InlineData("resnet.onnx", "resnet")]
    [InlineData("resnet.yaml", "resnet")]
    [InlineData("resnet-folded.onnx", "resnet-folded")]
    [InlineData("mlp.onnx", "mlp")]
    [InlineData("odd.onnx", "odd")]
    public void Load_ExportedNetwork_GivesPyTorchsLogits(string file, string golden)
    {
        (TensorShape shape, float[] images, float[] logits) = Golden(golden);

        FloatNetwork network = NetworkFile.Load(Path.Combine(Folder, file), shape).Network;

        Assert.Equal(logits.Length / 3, network.Classes);
        float[] found = [.. Enumerable.Range(0, 3).SelectMany(i =>
            FloatForward.Run(network, images.AsSpan(i * shape.Length, shape.Length))[^1])];
        double scale = logits.Max(Math.Abs);
        Assert.All(
            found.Zip(logits), p => Assert.InRange(Math.Abs(p.First - p.Second) / scale, 0, 2e-6));
        Assert.True(logits.Distinct().Count() > network.Classes);
    }

    [Fact]
    public void Load_TheSameNetworkInTwoFormats_IsTheSameLayers()
    {
        TensorShape shape = Golden("lenet").Shape;

        FloatNetwork onnx = NetworkFile.Load(Path.Combine(Folder, "lenet.onnx"), shape).Network;
        FloatNetwork yaml = NetworkFile.Load(Path.Combine(Folder, "lenet.yaml"), shape).Network;

        Assert.Equal(["conv1", "Relu", "MaxPool"], onnx.Layers.Take(3).Select(l => l.Name));
        Assert.Equal(yaml.Layers.Select(l => l.Kind), onnx.Layers.Select(l => l.Kind));
        Assert.Equal(
            yaml.Layers.SelectMany(l => l.Parameters).SelectMany(p => p),
            onnx.Layers.SelectMany(l => l.Parameters).SelectMany(p => p));
    }

    [Fact]
    public void Load_BatchNormsThatCannotBeFolded_AreConvolutionsOfEachChannel()
    {
        FloatNetwork network = NetworkFile
            .Load(Path.Combine(Folder, "resnet.onnx"), Golden("resnet").Shape)
            .Network;

        Assert.DoesNotContain(network.Layers, l => l is BatchNormLayer);
        var bn3 = Assert.IsType<Conv2dLayer>(network.Layers.Single(l => l.Name == "bn3"));
        Assert.Equal(new WindowGeometry(Groups: 6), bn3.Geometry);
    }

    [Fact]
    public void Load_FeaturesFromImages_FlattensThem()
    {
        (_, float[] images, float[] logits) = Golden("mlp");

        FloatNetwork network = NetworkFile
            .Load(Path.Combine(Folder, "mlp.onnx"), new(1, 3, 4))
            .Network;

        Assert.Equal(new TensorShape(1, 3, 4), network.Input);
        float[] found = FloatForward.Run(network, images.AsSpan(0, 12))[^1];
        Assert.All(found.Zip(logits), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 1e-5));
    }

    private static (TensorShape Shape, float[] Images, float[] Logits) Golden(string name)
    {
        IReadOnlyDictionary<string, NpyArray> arrays = NpzFile.Read(
            File.ReadAllBytes(Path.Combine(Folder, name + ".npz")));
        int[] s = [.. arrays["x"].Shape];
        return (
            s.Length == 2 ? new(s[1]) : new(s[1], s[2], s[3]),
            MemoryMarshal.Cast<byte, float>(arrays["x"].Data).ToArray(),
            MemoryMarshal.Cast<byte, float>(arrays["y"].Data).ToArray());
    }
}
