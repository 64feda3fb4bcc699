using Google.Protobuf;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using QSim.Simulator.Tests.Networks.Files.Oracle;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>
/// Made-up files of so many nodes, or so many ways through them, that a search through all of them
/// for each, a recursion, or one that goes every way would not end.
/// </summary>
public class LongGraphTests
{
    private const int Long = 20_000;

    [Fact]
    public void Import_PairsInARow_AreOne() => Assert.IsType<FakeQuantizeLayer>(Imported(g =>
    {
        string x = "x";
        for (int i = 0; i < NetworkBytes.MostLayers - 1; i++) x = Pair(g, x, 1 / 255f);
        return x;
    }).Layers[^2]);

    [Fact]
    public void Import_NothingButNames_IsOneLayer() => Assert.Equal(2, Imported(g =>
    {
        string x = Pair(g, "x", 1 / 255f);
        for (int i = 0; i < Long; i++) x = g.Node("Identity", [x]);
        return x;
    }).Layers.Length);

    [Fact]
    public void Import_ReshapesInARow_AreOneLayer() => Assert.Equal(3, Imported(g =>
    {
        string shape = g.Integers(0, 1, 8, 8), x = Pair(g, "x", 1 / 255f);
        for (int i = 0; i < Long; i++) x = g.Node("Reshape", [x, shape]);
        return Pair(g, x, 1 / 100f);
    }).Layers.Length);

    /// <summary>Ways to the first of these constants: 2^60.</summary>
    [Theory]
    [InlineData("Add", 0)]
    [InlineData("Mul", 1)]
    public void Import_WeightsMadeOfThemselves_AreMadeOnce(string type, float weight)
    {
        FloatNetwork network = Imported(g =>
        {
            string w = g.Reals([weight], 1, 1, 1, 1);
            for (int i = 0; i < 60; i++) w = g.Node(type, [w, w]);
            return Pair(g, g.Node("Conv", [Pair(g, "x", 1 / 255f), w]), 1 / 100f);
        });

        Assert.Equal([weight], Assert.Single(network.Layers.OfType<Conv2dLayer>()).Weight);
    }

    [Fact]
    public void Import_WeightsBehindManyNames_AreTheFirst() => Assert.Equal(
        [3f],
        Assert.Single(Imported(g =>
        {
            string w = g.Reals([3], 1, 1, 1, 1);
            for (int i = 0; i < Long; i++) w = g.Node("Identity", [w]);
            return Pair(g, g.Node("Conv", [Pair(g, "x", 1 / 255f), w]), 1 / 100f);
        }).Layers.OfType<Conv2dLayer>()).Weight);

    /// <summary>Which of many QuantizeLinear of one value are alike.</summary>
    [Fact]
    public void Import_OneValueQuantizedManyTimes_IsQuantizedOnceForTheOutput() =>
        Assert.Equal(2, Imported(g =>
        {
            string[] pairs =
                [.. Enumerable.Range(0, Long / 3).Select(_ => Pair(g, "x", 1 / 255f))];
            return pairs[0];
        }).Layers.Length);

    /// <summary>Batches that come to stand second: whatever reads them is looked through.</summary>
    [Fact]
    public void Import_ManyPairsBehindATurnedBatch_AreRefusedForTheirNumber() => TooMany(g =>
    {
        string x = g.Node("Transpose", [Pair(g, "x", 1 / 255f)], Is("perm", 1, 0, 2, 3));
        for (int i = 0; i < 3 * Long; i++) x = Pair(g, x, 1 / 255f);
        return x;
    });

    [Fact]
    public void Import_ManyTransposesBetweenPairs_AreRefusedForTheirNumber() => TooMany(g =>
    {
        string x = "x";
        for (int i = 0; i < Long / 2; i++)
        {
            x = g.Node("Transpose", [Pair(g, x, 1 / 255f)], Is("perm", 0, 1, 3, 2));
            x = Pair(g, x, 1 / 100f);
        }

        return x;
    });

    [Fact]
    public void Import_ConstantsThatMeetInTooManyValues_AreRefused() => Assert.Contains(
        "(Mul): makes [60000, 60000] of [60000, 1] and [1, 60000]",
        Assert.Throws<InputException>(() => Imported(g => g.Node(
            "Add",
            [
                "x",
                g.Node(
                    "Mul",
                    [
                        g.Reals(new float[60_000], 60_000, 1),
                        g.Reals(new float[60_000], 1, 60_000),
                    ]),
            ]))).Message);

    /// <summary>What looks for a pair's readers leaves names and Dropouts out.</summary>
    [Fact]
    public void Import_DropoutOfItsOwnOutput_IsRefused()
    {
        var g = new GraphBuilder(13);
        string x = Pair(g, "x", 1 / 255f);
        byte[] file = Ended(g, g.Node("Relu", [g.Node("Dropout", [x, "again"])]), file =>
        {
            file.Graph.Node.Add(new NodeProto
            {
                Name = "round",
                OpType = "Identity",
                Output = { "again" },
                Input = { file.Graph.Node.First(n => n.OpType == "Dropout").Output[0] },
            });
        });

        Assert.Contains(
            "(Dropout): input 1 ('again') comes from a later node or from itself",
            Assert.Throws<InputException>(() => InTime(file)).Message);
    }

    private static void TooMany(Func<GraphBuilder, string> build) => Assert.Contains(
        "more than 10000 layers",
        Assert.Throws<InputException>(() => Imported(build)).Message);

    private static string Pair(GraphBuilder g, string x, float scale)
    {
        string[] how = [g.Real(scale), g.Raw(DataType.Uint8, [0])];
        return g.Node("DequantizeLinear", [g.Node("QuantizeLinear", [x, .. how]), .. how]);
    }

    private static FloatNetwork Imported(Func<GraphBuilder, string> build)
    {
        var graph = new GraphBuilder(13);
        return InTime(Ended(graph, build(graph), _ => { }));
    }

    private static byte[] Ended(
        GraphBuilder g, string y, Action<ModelProto> more)
    {
        byte[] bytes = g.Build(DataType.Float, [-1, 1, 8, 8], g.Node("Flatten", [y]));
        var file = ModelProto.Parser.ParseFrom(bytes);
        more(file);
        return file.ToByteArray();
    }

    /// <summary>A network that takes seconds, where one of the searches would take hours.</summary>
    private static FloatNetwork InTime(byte[] file)
    {
        Task<FloatNetwork> import = Task.Run(
            () => OnnxImporter.Import(file, "f.onnx", new TensorShape(1, 8, 8)));
        return Task.WaitAny([import], TimeSpan.FromMinutes(2)) == 0
            ? import.GetAwaiter().GetResult()
            : throw new TimeoutException("it was not read within two minutes");
    }
}
