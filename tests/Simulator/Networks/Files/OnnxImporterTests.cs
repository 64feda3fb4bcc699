using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;

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
            "f.onnx: node 'node_y' (ConvTranspose): this operator is not supported (supported: "
                + "Add, AveragePool,",
            OnnxWriter.Node("ConvTranspose", ["x"], "y"));

    [Fact]
    public void Import_Relu6_SaysThatThereIsNone() =>
        Says(
            "f.onnx: node 'node_y' (Clip): clips to 0..6 (supported: from 0 without an upper "
                + "bound, as a ReLU; there is no ReLU6)",
            OnnxWriter.Constant("lo", [0]), OnnxWriter.Constant("hi", [6]),
            OnnxWriter.Node("Clip", ["x", "lo", "hi"], "y"));

    [Fact]
    public void Import_SoftmaxInTheMiddle_Says() => Says(
        "(Softmax): is supported as the last node only, where it is left out",
        OnnxWriter.Node("Softmax", ["x"], "z"), OnnxWriter.Node("Relu", ["z"], "y"));

    [Fact]
    public void Import_WeightsThatDoNotFit_NamesShapes() =>
        Says(
            "f.onnx: node 'node_y' (Conv): layer 'node_y' (conv2d) cannot take a 2x4x4 input: 9 "
                + "weights where 1 x 18 are needed",
            OnnxWriter.Constant("w", new float[9], 1, 1, 3, 3),
            OnnxWriter.Node("Conv", ["x", "w"], "y"));

    [Fact]
    public void Import_ProductOfTwoTensors_Says() => Says(
        "(Mul): of two tensors is not supported (supported: with a constant)",
        OnnxWriter.Node("Relu", ["x"], "z"), OnnxWriter.Node("Mul", ["x", "z"], "y"));

    [Fact]
    public void Import_WeightsThatAreComputed_Says() => Says(
        "(Conv): input 1 is not a constant", OnnxWriter.Node("Relu", ["x"], "z"),
        OnnxWriter.Node("Conv", ["x", "z"], "y"));

    [Theory]
    [InlineData(
        "count_include_pad with padding is not supported", "AveragePool",
        "pads:1,1,1,1 count_include_pad:1 kernel_shape:2,2")]
    [InlineData("dilations are not supported", "MaxPool", "dilations:2,2 kernel_shape:2,2")]
    [InlineData("axis 2 is not supported (supported: 1)", "Flatten", "axis:2")]
    [InlineData(
        "[0, 2, 3, 1] moves values; export with channels first", "Transpose", "perm:0,2,3,1")]
    [InlineData(
        "axes [1, 2] are not supported (supported: rows and columns, [2, 3])", "ReduceMean",
        "axes:1,2")]
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
        Assert.Contains(
            "channels last",
            Assert
                .Throws<InputException>(() => OnnxImporter.Import(model, "f.onnx", new(4, 2, 4)))
                .Message);
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
