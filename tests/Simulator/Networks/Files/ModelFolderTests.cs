using Google.Protobuf;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using QSim.Simulator.Tests.Networks.Files.Oracle;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Weights in a file beside a model, and links there.</summary>
public sealed class ModelFolderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("qsim-test-");
    private readonly byte[] _weights;

    public ModelFolderTests()
    {
        _weights = new byte[2 * 3 * sizeof(float)];
        for (int i = 0; i < 6; i++) BitConverter.TryWriteBytes(_weights.AsSpan(4 * i), i + 0.5f);
        Directory.CreateDirectory(At("models/below"));
        Directory.CreateDirectory(At("elsewhere"));
    }

    [Theory]
    [InlineData("w.bin")]
    [InlineData("below/w.bin")]
    public void Load_WeightsBesideOrBelow_AreRead(string location)
    {
        Model("models/m.onnx", location);
        File.WriteAllBytes(At($"models/{location}"), _weights);

        NetworkFile loaded = NetworkFile.Load(At("models/m.onnx"));

        Assert.Equal([0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f], Weights(loaded).Order());
        Assert.Equal(
            [At("models/m.onnx"), At($"models/{location}")], loaded.Files.Select(f => f.Path));
    }

    /// <summary>A link within the folder, and a folder that is reached by a link.</summary>
    [Theory]
    [InlineData("models/m.onnx")]
    [InlineData("link/m.onnx")]
    public void Load_ALinkWithinTheFolder_IsFollowed(string model)
    {
        Directory.CreateSymbolicLink(At("link"), At("models"));
        Model("models/m.onnx", "w.bin");
        File.WriteAllBytes(At("models/below/w.bin"), _weights);
        File.CreateSymbolicLink(At("models/w.bin"), "below/w.bin");

        Assert.Equal(6, Weights(NetworkFile.Load(At(model))).Length);
    }

    /// <summary>Model and weights link into one folder, as download caches have them.</summary>
    [Fact]
    public void Load_ModelAndWeightsLinkedIntoOneFolder_AreRead()
    {
        Directory.CreateDirectory(At("blobs"));
        Model("blobs/1a", "w.bin");
        File.WriteAllBytes(At("blobs/2b"), _weights);
        File.CreateSymbolicLink(At("models/m.onnx"), "../blobs/1a");
        File.CreateSymbolicLink(At("models/w.bin"), "../blobs/2b");

        Assert.Equal(6, Weights(NetworkFile.Load(At("models/m.onnx"))).Length);
    }

    /// <summary>The weights' link, one of a folder on the way, and both, by way of "..".</summary>
    [Theory]
    [InlineData("w.bin", "models/w.bin", "../elsewhere/w.bin", false)]
    [InlineData("w.bin", "models/w.bin", "../elsewhere/w.bin", true)]
    [InlineData("out/w.bin", "models/out", "../elsewhere", false)]
    [InlineData("w.bin", "models/w.bin", "below/../../elsewhere/w.bin", false)]
    [InlineData("w.bin", "models/w.bin", "../models-too/w.bin", false)]
    public void Load_ALinkOutOfTheFolder_IsRefused(
        string location, string link, string target, bool isModelLinked)
    {
        Directory.CreateDirectory(At("models-too"));
        Directory.CreateDirectory(At("blobs"));
        foreach (string folder in (string[])["elsewhere", "models-too"])
            File.WriteAllBytes(At($"{folder}/w.bin"), _weights);
        Model(isModelLinked ? "blobs/1a" : "models/m.onnx", location);
        if (isModelLinked) File.CreateSymbolicLink(At("models/m.onnx"), "../blobs/1a");
        File.CreateSymbolicLink(At(link), target);

        var e = Assert.Throws<InputException>(() => NetworkFile.Load(At("models/m.onnx")));

        Assert.StartsWith(
            $"{At($"models/{location}")}: is a link out of the model's folder", e.Message);
        Assert.Contains("(supported: files beside the model, or below it)", e.Message);
    }

    [Fact]
    public void Load_LinksInACircle_AreRefused()
    {
        Model("models/m.onnx", "w.bin");
        File.CreateSymbolicLink(At("models/w.bin"), "below/w.bin");
        File.CreateSymbolicLink(At("models/below/w.bin"), "../w.bin");

        var e = Assert.Throws<InputException>(() => NetworkFile.Load(At("models/m.onnx")));

        Assert.Contains("w.bin: leads through", e.Message);
    }

    [Theory]
    [InlineData("../elsewhere/w.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public void Load_AWayOutOfTheFolder_IsRefused(string location)
    {
        Model("models/m.onnx", location);

        var e = Assert.Throws<InputException>(() => NetworkFile.Load(At("models/m.onnx")));

        Assert.Contains("(supported: files beside the model, or below it)", e.Message);
    }

    public void Dispose() => _root.Delete(recursive: true);

    private static float[] Weights(NetworkFile loaded) =>
        [.. ((DenseLayer)loaded.Network.Layers[^1]).Parameters[0]];

    private string At(string path) => Path.Combine(_root.FullName, path);

    /// <summary>Three features to two, the matrix in another file.</summary>
    private void Model(string path, string location)
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node("MatMul", ["x", graph.Reals(new float[6], 3, 2)]);
        var model = ModelProto.Parser.ParseFrom(graph.Build(DataType.Float, [-1, 3], y));
        TensorProto matrix = model.Graph.Initializer[0];
        matrix.ClearRawData();
        matrix.DataLocation = DataLocation.External;
        matrix.ExternalData.Add(
            new StringStringEntryProto { Key = "location", Value = location });
        File.WriteAllBytes(At(path), model.ToByteArray());
    }
}
