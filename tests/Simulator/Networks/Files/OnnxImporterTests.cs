using Google.Protobuf;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using RearrangeLayer = QSim.Simulator.Networks.RearrangeLayer;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>
/// What QSim cannot run is one line with the file, the node, its operator and what would be
/// allowed.
/// </summary>
public class OnnxImporterTests
{
    private static readonly TensorShape Images = new(2, 4, 4);

    [Fact]
    public void Import_UnknownOperator_ListsTheSupportedOnes() =>
        Says(
            "f.onnx: node 'node_y' (LpPool): this operator is not supported (supported: "
                + "Abs, Add, AveragePool,",
            OnnxWriter.Node("LpPool", ["x"], "y"));

    [Fact]
    public void Import_SeveralNodesThatAreNotSupported_NamesEach()
    {
        InputException error = Assert.Throws<InputException>(() => OnnxImporter.Import(
            OnnxWriter.Model(
                OnnxWriter.Node("LpPool", ["x"], "a"), OnnxWriter.Node("Relu", ["a"], "b"),
                OnnxWriter.Node("Cast", ["x"], "c", ("to", [6])),
                OnnxWriter.Node("Einsum", ["b"], "d"), OnnxWriter.Node("Sum", ["d", "c"], "y")),
            "f.onnx", Images));

        Assert.Equal(
            ["node_a", "node_c", "node_d"],
            error.Errors.Select(e => e.Message.Split('\'')[1]).Order());
    }

    /// <summary>Of two, tools take one or the other: none is dropped in silence.</summary>
    [Theory]
    [InlineData("w")]
    [InlineData("x")]
    [InlineData("a")]
    public void Import_AnotherValueOfTheSameName_IsRefused(string name) => Says(
        $"f.onnx: cannot be read as an ONNX model: two of its values are called '{name}' "
            + "(supported: each name once)",
        OnnxWriter.Constant("w", [1]), OnnxWriter.Node("Add", ["x", "w"], "a"),
        OnnxWriter.Node("Relu", ["a"], name), OnnxWriter.Node("Relu", [name], "y"));

    [Fact]
    public void Import_ConstantsOfTheSameName_AreRefused() => Says(
        "two of its values are called 'w'",
        OnnxWriter.Constant("w", [1]), OnnxWriter.Constant("w", [2]),
        OnnxWriter.Node("Add", ["x", "w"], "y"));

    [Fact]
    public void Import_AnAttributeTwice_IsRefused() => Says(
        "node 'node_y' (Softmax) has its attribute 'axis' twice",
        OnnxWriter.Node("Softmax", ["x"], "y", ("axis", [1]), ("axis", [3])));

    /// <summary>Patterns look at other nodes' outputs before those are read themselves.</summary>
    [Fact]
    public void Import_NodeWithoutOutputs_IsRefused()
    {
        var model = ModelProto.Parser.ParseFrom(OnnxWriter.Model(
            OnnxWriter.Node("Mul", ["x", "x"], "a"), OnnxWriter.Node("Mul", ["x", "x"], "b"),
            OnnxWriter.Node("Mul", ["a", "b"], "y")));
        model.Graph.Node[1].Output.Clear();
        Assert.Contains(
            "node 'node_b' (Mul) has no output",
            Assert.Throws<InputException>(
                () => OnnxImporter.Import(model.ToByteArray(), "f.onnx", Images)).Message);
    }

    [Theory]
    [InlineData("y")]
    [InlineData("b")]
    public void Import_NodesThatRunInNoOrder_SaySo(string later) => Says(
        $"node 'node_b' (Add): input 1 ('{later}') comes from a later node or from itself "
            + "(supported: nodes in the order in which they run)",
        OnnxWriter.Node("Relu", ["x"], "a"), OnnxWriter.Node("Add", ["a", later], "b"),
        OnnxWriter.Node("Relu", ["b"], "y"));

    [Fact]
    public void Import_Relu6_ClipsTo6() => Assert.Equal(
        new PointLayer("node_y", [0], PointFunction.Clip, 0, 6) with { Inputs = [] },
        Assert.Single(OnnxImporter.Import(
            OnnxWriter.Model(
                OnnxWriter.Constant("lo", [0]), OnnxWriter.Constant("hi", [6]),
                OnnxWriter.Node("Clip", ["x", "lo", "hi"], "y")),
            "f.onnx", Images).Layers) with
        { Inputs = [] });

    [Fact]
    public void Import_SoftmaxOverPartOfAnImage_Says() => Says(
        "(Softmax): axis 3 of [1, 2, 4, 4] is not supported (supported: over all values of an "
            + "image)",
        OnnxWriter.Node("Softmax", ["x"], "y"));

    [Fact]
    public void Import_WeightsThatDoNotFit_NamesShapes() =>
        Says(
            "f.onnx: node 'node_y' (Conv): layer 'node_y' (conv2d) cannot take a 2x4x4 input: 9 "
                + "weights where 1 x 18 are needed",
            OnnxWriter.Constant("w", new float[9], 1, 1, 3, 3),
            OnnxWriter.Node("Conv", ["x", "w"], "y"));

    [Theory]
    [InlineData("Concat", "s", "s")]
    [InlineData("Add", "x", "s")]
    [InlineData("Mul", "s", "s")]
    [InlineData("Conv", "x", "s")]
    [InlineData("Reshape", "x", "s")]
    [InlineData("Cast", "s")]
    public void Import_ConstantOfWords_IsRefused(string type, params string[] inputs) => Says(
        "is neither of floats nor of whole numbers", OnnxWriter.Word("s"),
        OnnxWriter.Node(type, inputs, "z"), OnnxWriter.Node("Add", ["x", "z"], "y"));

    [Fact]
    public void Import_ConcatOfNothing_IsRefused() => Says(
        "(Concat): ", OnnxWriter.Node("Concat", [], "z", ("axis", [0])),
        OnnxWriter.Node("Add", ["x", "z"], "y"));

    [Fact]
    public void Import_WeightsThatAreComputed_Says() => Says(
        "(Conv): input 1 is not a constant", OnnxWriter.Node("Relu", ["x"], "z"),
        OnnxWriter.Node("Conv", ["x", "z"], "y"));

    [Theory]
    [InlineData("axis 2 of [1, 2, 4, 4] is not supported (supported: 1", "Flatten", "axis:2")]
    [InlineData("moves the batch", "Transpose", "perm:1,0,2,3")]
    [InlineData("reduces over the batch", "ReduceMean", "axes:0,2")]
    [InlineData(
        "has an attribute 'align', of which QSim knows nothing (supported: axis)", "Softmax",
        "align:1")]
    [InlineData("has an attribute 'axis', of which QSim knows nothing (supported: none)", "Relu",
        "axis:1")]
    [InlineData("to INT32 is not supported: it would cut", "Cast", "to:6")]
    [InlineData("its attribute 'keep_aspect_ratio_policy' is not supported", "Resize",
        "keep_aspect_ratio_policy:1")]
    [InlineData("by a window of 3 dimensions", "MaxPool", "kernel_shape:2,3,4")]
    [InlineData("makes 2x0x0 of 2x4x4", "MaxPool", "kernel_shape:5,5")]
    public void Import_AttributeThatIsNotSupported_Says(
        string expected, string type, string attributes) =>
        Says(
            expected,
            OnnxWriter.Node(
                type,
                ["x"],
                "y",
                [
                    .. attributes
                        .Split(' ')
                        .Select(a => a.Split(':'))
                        .Select(a => (a[0], a[1].Split(',').Select(long.Parse).ToArray())),
                ]));

    [Fact]
    public void Import_BytesThatAreNoModel_SaysSoWhateverTheyAre()
    {
        var random = new Random(20);
        byte[] whole = OnnxWriter.Model(OnnxWriter.Node("Relu", ["x"], "y"));
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = i % 2 == 0 ? new byte[random.Next(60)] : [.. whole];
            if (i % 2 == 0) random.NextBytes(bytes);
            else bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                OnnxImporter.Import(bytes, "f.onnx", Images);
            }
            catch (InputException e)
            {
                Assert.StartsWith("f.onnx: ", e.Message);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    [Fact]
    public void Import_ImagesOfAnotherShape_SaysBoth()
    {
        byte[] model = OnnxWriter.Model(OnnxWriter.Node("Relu", ["x"], "y"));

        Assert.Equal(
            "f.onnx: its input 'x' is [1, 2, 4, 4], where images of 1x28x28 need [?, 1, 28, 28] or "
                + "[?, 784]",
            Assert
                .Throws<InputException>(() => OnnxImporter.Import(model, "f.onnx", new(1, 28, 28)))
                .Message);
    }

    [Fact]
    public void Import_ChannelsLast_TurnsTheImageRound()
    {
        byte[] model = OnnxWriter.Model(OnnxWriter.Node("Relu", ["x"], "y"));

        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", new(4, 2, 4));

        // What works on each value by itself stands ahead of it.
        Assert.IsType<ReluLayer>(network.Layers[0]);
        var turned = Assert.IsType<RearrangeLayer>(network.Layers[1]);
        Assert.Equal([0, 8, 16, 24, 1], turned.Sources.Take(5));
    }

    /// <summary>Orders are shared: thousands of functions of one image have one.</summary>
    [Fact]
    public void Import_ChainOfATurnedImage_SharesItsOrder()
    {
        byte[] model = OnnxWriter.Model(
            OnnxWriter.Node("Relu", ["x"], "a"), OnnxWriter.Node("Sigmoid", ["a"], "b"),
            OnnxWriter.Node("Tanh", ["b"], "y"));

        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", new(4, 2, 4));

        Assert.Equal(4, network.Layers.Length);
        Assert.IsType<RearrangeLayer>(network.Layers[^1]);
    }

    [Fact]
    public void Import_TransposeOfANumber_IsTheNumber()
    {
        byte[] model = OnnxWriter.Model(
            OnnxWriter.Constant("c", [2]), OnnxWriter.Node("Transpose", ["c"], "t"),
            OnnxWriter.Node("Mul", ["x", "t"], "y"));

        Assert.Equal(
            6f, FloatForward.Run(
                OnnxImporter.Import(model, "f.onnx", Images),
                [3, .. new float[Images.Length - 1]])[^1][0]);
    }

    [Fact]
    public void Import_PadBeforeConvolution_IsItsPadding()
    {
        byte[] model = OnnxWriter.Model(
            OnnxWriter.Constant("w", [1, 2], 1, 2, 1, 1),
            OnnxWriter.Node("Pad", ["x"], "p", ("pads", [0, 0, 1, 2, 0, 0, 3, 4])),
            OnnxWriter.Node("Conv", ["p", "w"], "y"));

        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", Images);

        var conv = Assert.IsType<Conv2dLayer>(Assert.Single(network.Layers));
        Assert.Equal(
            new WindowGeometry(PadTop: 1, PadLeft: 2, PadBottom: 3, PadRight: 4), conv.Geometry);
    }

    [Fact]
    public void Import_NodesThatTheOutputDoesNotNeed_AreLeftOut()
    {
        byte[] model = OnnxWriter.Model(
            OnnxWriter.Node("Sigmoid", ["x"], "unused"), OnnxWriter.Node("Tanh", ["x"], "t"),
            OnnxWriter.Node("Add", ["t", "x"], "y"));

        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", Images);

        Assert.Equal(["tanh", "add"], network.Layers.Select(l => l.Kind));
        Assert.Equal([1, 0], network.Layers[1].Inputs.ToArray());
    }

    private static void Says(string expected, params byte[][] nodes) =>
        Assert.Contains(
            expected,
            Assert
                .Throws<InputException>(() =>
                    OnnxImporter.Import(OnnxWriter.Model(nodes), "f.onnx", Images))
                .Message);
}
