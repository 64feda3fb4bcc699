using System.Runtime.InteropServices;
using Google.Protobuf;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// QONNX graphs as qonnx turns them for hls4ml: the image, filters and what lies between have their
/// channels last, in operators of their own.
/// </summary>
public class ChannelsLastTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Run_TurnedGraph_GivesTheSpecificationsLogits(int seed)
    {
        var model = new QonnxModel(seed);
        QonnxModel.Value image = model.Image(3, 7);
        QonnxModel.Value x = model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
        x = model.Conv(
            x, 4, 2, 5, isPerChannel: seed % 2 == 0, hasBias: seed % 3 == 0, pad: seed % 2);
        if (seed > 3) x = model.Norm(x);
        x = model.Quant(model.Relu(x), 5, isSigned: false);
        QonnxModel.Value y = model.Quant(
            model.Conv(x, 2, 1, 3, isPerChannel: true), 5, isSigned: true, step: 1 / 8.0);
        QonnxModel.Value z = model.Quant(model.Conv(x, 3, 1, 3), 5, isSigned: true, step: 1 / 8.0);
        x = model.MaxPool(model.Concat(y, z), 2);
        QonnxModel.Value logits = model.Quant(
            model.Dense(x, 5, 6), 8, isSigned: true, step: Math.ScaleB(1, -3));
        QonnxTests.Equal(model, image, logits, "onnxruntime-qlinear", rewritten: Turned);
    }

    /// <summary>Its layers are those of the graph before: what is turned costs nothing.</summary>
    [Fact]
    public void Import_TurnedGraph_LeavesNothingTurnedBetween()
    {
        var model = new QonnxModel(1);
        QonnxModel.Value image = model.Image(2, 6);
        QonnxModel.Value x = model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
        x = model.Quant(model.Relu(model.Norm(model.Conv(x, 4, 3, 5))), 5, isSigned: false);
        x = model.Quant(model.Conv(model.MaxPool(x, 2), 3, 2, 5), 5, isSigned: true);
        byte[] file = model.Build(image, model.Dense(x, 5, 6));

        Assert.Equal(Layers(file), Layers(Turned(file)));

        static IEnumerable<string> Layers(byte[] file) => OnnxImporter
            .Import(file, "q.onnx", new(2, 6, 6)).Layers.Select(l => l.GetType().Name);
    }

    [Fact]
    public void Import_ScaleOfWholeNumbers_IsTaken()
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node(
            "qonnx:Quant", ["x", graph.Integers(2), graph.Integers(0), graph.Integers(4)],
            I("signed", 1), I("narrow", 0), S("rounding_mode", "ROUND"));
        string weight = graph.Node(
            "qonnx:Quant",
            [
                graph.Reals([3, -5], 1, 2), graph.Integers(1), graph.Integers(0), graph.Integers(4),
            ],
            I("signed", 1), I("narrow", 0), S("rounding_mode", "ROUND"));
        FloatNetwork network = OnnxImporter.Import(
            graph.Build(
                DataType.Float, [1, 2], graph.Node("Gemm", [y, weight], I("transB", 1))),
            "q.onnx", new(2));

        Assert.Equal([(4f * 3) - (2 * 5)], FloatForward.Run(network, [4.9f, 1.1f])[^1]);
    }

    /// <summary>As keras2onnx writes it: of one image, all there is.</summary>
    [Fact]
    public void Import_FlattenOfTheBatch_IsTakenOfOneImageAlone()
    {
        Assert.Equal([3f], FloatForward.Run(Flat(1), [1, 2, 0, 0])[^1]);
        Assert.Contains(
            "0 of a graph for batches of one",
            Assert.Throws<InputException>(() => Flat(2)).Message);

        static FloatNetwork Flat(int batch)
        {
            var graph = new GraphBuilder(13);
            string flat = graph.Node("Flatten", ["x"], I("axis", 0));
            string y = graph.Node("MatMul", [flat, graph.Reals([1, 1, 1, 1], 4, 1)]);
            return OnnxImporter.Import(
                graph.Build(DataType.Float, [batch, 1, 2, 2], y), "q.onnx", new(1, 2, 2));
        }
    }

    /// <summary>ONNX Runtime, which a warning is about, has no such operators.</summary>
    [Fact]
    public void Replaceable_ConstantsOfQonnx_AreNone()
    {
        var model = new QonnxModel(1);
        QonnxModel.Value image = model.Image(1, 2);
        ModelProto file = ModelProto.Parser.ParseFrom(
            model.Build(image, model.Quant(image, 8, isSigned: false)));
        foreach (TensorProto constant in file.Graph.Initializer)
            file.Graph.Input.Add(new ValueInfoProto { Name = constant.Name });

        Assert.Empty(OnnxReader.Read(file.ToByteArray()).Replaceable);
        foreach (NodeProto node in file.Graph.Node) node.Domain = "com.microsoft";
        Assert.NotEmpty(OnnxReader.Read(file.ToByteArray()).Replaceable);
    }

    /// <summary>What it makes on the way has a name that the file does not use.</summary>
    [Fact]
    public void Import_NamesOfTheFile_AreNotTaken()
    {
        Assert.Equal(Run("a"), Run("p/first0"));
        Assert.Equal(Run("a"), Run("p/made"));

        static float[] Run(string name)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(new GraphBuilder(13).Build(
                DataType.Float, [1, 2, 2, 1], "y"));
            Add("Relu", "", ["x"], name);
            Add("MaxPool", "qonnx.custom_op.channels_last", ["x"], "p");
            model.Graph.Node[^1].Attribute.Add(Is("kernel_shape", 2, 2));
            Add("Add", "", [name, "p"], "y");
            return FloatForward.Run(
                OnnxImporter.Import(model.ToByteArray(), "q.onnx", new(1, 2, 2)),
                [-1, 2, 3, -4])[^1];

            void Add(string type, string domain, string[] from, string to) =>
                model.Graph.Node.Add(new NodeProto
                {
                    OpType = type,
                    Domain = domain,
                    Input = { from },
                    Output = { to },
                });
        }
    }

    [Fact]
    public void Import_FiltersOfAnotherRank_AreRefusedByTheNodesName()
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node(
            "qonnx.custom_op.channels_last:Conv", ["x", graph.Reals([1, 1], 1, 1, 2)]);

        Assert.Contains(
            "node 'conv_2' (qonnx.custom_op.channels_last.Conv): its weights are (1, 1, 2) and its "
                + "input has 4 dimensions",
            Assert.Throws<InputException>(() => OnnxImporter.Import(
                graph.Build(DataType.Float, [1, 2, 2, 2], y), "q.onnx", new(2, 2, 2))).Message);
    }

    private static byte[] Turned(byte[] file)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(file);
        GraphProto graph = model.Graph;
        var image = graph.Input[0].Type.TensorType.Shape.Dim;
        TensorShapeProto.Types.Dimension channels = image[1];
        image.RemoveAt(1);
        image.Add(channels);
        foreach (NodeProto node in graph.Node.ToArray())
            switch (node.OpType)
            {
                case "Conv":
                    node.Domain = "qonnx.custom_op.channels_last";
                    NodeProto quant = graph.Node.Single(n => n.Output[0] == node.Input[1]);
                    Turn(graph.Initializer.Single(i => i.Name == quant.Input[0]));
                    break;
                case "MaxPool" or "BatchNormalization":
                    node.Domain = "qonnx.custom_op.channels_last";
                    break;
                case "Concat":
                    node.Attribute[0].I = -1;
                    break;
                case "Flatten":
                    string first = $"{node.Input[0]}/first";
                    graph.Node.Insert(graph.Node.IndexOf(node), new NodeProto
                    {
                        Name = first,
                        OpType = "Transpose",
                        Input = { node.Input[0] },
                        Output = { first },
                        Attribute = { Is("perm", 0, 3, 1, 2) },
                    });
                    node.Input[0] = first;
                    break;
                default:
                    break;
            }

        return model.ToByteArray();
    }

    /// <summary>A filter's channels behind its rows and columns.</summary>
    private static void Turn(TensorProto filter)
    {
        (int filters, int channels) = ((int)filter.Dims[0], (int)filter.Dims[1]);
        int area = (int)(filter.Dims[2] * filter.Dims[3]);
        float[] from = MemoryMarshal.Cast<byte, float>(filter.RawData.Span).ToArray();
        float[] to = new float[from.Length];
        for (int o = 0; o < filters; o++)
            for (int c = 0; c < channels; c++)
                for (int p = 0; p < area; p++)
                    to[(((o * area) + p) * channels) + c] = from[(((o * channels) + c) * area) + p];
        filter.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(to.AsSpan()));
        long[] shape = [filters, filter.Dims[2], filter.Dims[3], channels];
        filter.Dims.Clear();
        filter.Dims.Add(shape);
    }
}
