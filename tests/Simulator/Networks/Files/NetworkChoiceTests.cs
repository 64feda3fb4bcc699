using Google.Protobuf;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using QSim.Simulator.Profiles;
using QSim.Simulator.Tests.Networks.Files.Oracle;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Which part of a file is meant: an output, a dictionary in a checkpoint.</summary>
public sealed class NetworkChoiceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qsim-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Load_OneOfTwoOutputs_IsTheNetworkUpToIt()
    {
        string path = TwoOutputs(out string first, out string last);

        FloatNetwork half = NetworkFile.Load($"{path}#{first}", new(2)).Network;
        NetworkFile whole = NetworkFile.Load($"{path}#{last}", new(2));

        Assert.Equal([2f, 6f], FloatForward.Run(half, [1, 2])[^1]);
        Assert.Equal([10f, 30f], FloatForward.Run(whole.Network, [1, 2])[^1]);
        Assert.Equal((path, last), (Assert.Single(whole.Files).Path, whole.Output));
        Assert.True(NetworkFile.IsPath($"{path}#{first}"));
        Assert.False(NetworkFile.IsPath("mlp#y"));
    }

    [Fact]
    public void Load_NoOrAnotherOutput_SaysWhatThereIs()
    {
        string path = TwoOutputs(out string first, out string last);

        Assert.EndsWith(
            $"two.onnx: has 2 outputs ({first}, {last}), where one is needed: name it behind the "
                + $"file, as in two.onnx#{first}, or with --output",
            Refusal(path));
        Assert.Contains($"has no output 'z' (found: {first}, {last})", Refusal($"{path}#z"));
        Assert.Contains("outputs are chosen of ONNX files alone", Refusal("net.yaml#z"));
    }

    [Fact]
    public void Load_StateDictInACheckpoint_IsFoundByItsPrefix()
    {
        using (FileStream file = File.Create(Path.Combine(_folder.FullName, "w.npz")))
            NpzFile.Write(file,
            [
                ("state_dict.fc.weight", NpyArray.Of([1f, 2, 3, 4], 2, 2)),
                ("state_dict.fc.bias", NpyArray.Of([0.5f, -1], 2)),
            ]);
        string Yaml(string prefix)
        {
            string path = Path.Combine(_folder.FullName, "n.yaml");
            File.WriteAllText(
                path, $"schema: qsim/network/1\nweights: w.npz\n{prefix}layers:\n"
                    + "  - {type: dense, name: fc}\n");
            return path;
        }

        Assert.Contains(
            "w.npz: has no array 'fc.weight'; 'state_dict.fc.weight' is there (say prefix: "
                + "state_dict.)",
            Refusal(Yaml("")));
        Assert.Equal(
            [3.5f, 6f],
            FloatForward.Run(
                NetworkFile.Load(Yaml("prefix: state_dict.\n"), new(2)).Network, [1, 1])[^1]);
        Assert.Contains(
            "has no array 'model.fc.weight'", Refusal(Yaml("prefix: model.\n")));
    }

    [Fact]
    public void Read_FromModel_IsWhatTheFormatImplies() =>
        Assert.Equal("onnxruntime-qlinear", ProfileReader.Read(ProfileReader.FromModel).Name);

    private static string Refusal(string path) => Assert.Throws<InputException>(
        () => NetworkFile.Load(path, new(2))).Message;

    /// <summary>Twice and three times the features, and that five times.</summary>
    private string TwoOutputs(out string first, out string last)
    {
        var graph = new GraphBuilder(13);
        first = graph.Node("MatMul", ["x", graph.Reals([2, 0, 0, 3], 2, 2)]);
        last = graph.Node("MatMul", [first, graph.Reals([5, 0, 0, 5], 2, 2)]);
        ModelProto model = ModelProto.Parser.ParseFrom(
            graph.Build(DataType.Float, [-1, 2], last));
        model.Graph.Output.Insert(0, new ValueInfoProto { Name = first });
        string path = Path.Combine(_folder.FullName, "two.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }
}
