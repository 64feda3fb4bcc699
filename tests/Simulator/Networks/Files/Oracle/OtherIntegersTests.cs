using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Quantized layers for which ONNX Runtime has no kernel of integers: 16-bit activations, 4-bit
/// weights, transposed convolutions, int8 that several layers read. Its profile multiplies float32
/// numbers there, bit by bit as it does; a model's own integers are multiplied by from-model.
/// </summary>
public class OtherIntegersTests
{
    private const int Side = 6, Images = 12;

    /// <summary>Activations, weights, whether scales are per channel.</summary>
    public static TheoryData<string, string, bool> Types => new()
    {
        { "Uint16", "Int8", false }, { "Uint16", "Int8", true }, { "Int16", "Int8", true },
        { "Int16", "Int16", false }, { "Uint16", "Uint8", false }, { "Uint16", "Int4", false },
        { "Uint8", "Int4", true }, { "Uint8", "Uint4", false },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Run_Convolutions_GiveOnnxRuntimesNumbers(
        string activation, string weight, bool isPerChannel)
    {
        foreach ((int from, int to, int kernel, int groups) in ((int, int, int, int)[])
            [(3, 8, 3, 1), (16, 9, 3, 1), (12, 12, 3, 12), (40, 5, 1, 1), (8, 1, 3, 1)])
        {
            var model = new IntegersModel(from + to, activation, weight, isPerChannel);
            string y = model.Layer(
                "Conv", model.Pair("x", 1 / 255f, 0), [to, from / groups, kernel, kernel], 0,
                Is("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2), I("group", groups));
            string relu = model.Graph.Node("Relu", [y]);
            Equal(
                model, model.Pair(relu, activation == "Uint8" ? 64 * model.Sums : 0.03f, 0),
                new(from, Side, Side));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Run_ProductsWithAMatrix_GiveOnnxRuntimesNumbers(
        string activation, string weight, bool isPerChannel)
    {
        foreach ((int rows, int depth, int to) in ((int, int, int)[])
            [(1, 40, 9), (1, 300, 4), (5, 40, 9), (5, 200, 17), (4, 30, 1)])
        {
            var model = new IntegersModel(depth + to, activation, weight, isPerChannel);
            GraphBuilder graph = model.Graph;
            string x = model.Pair(
                rows == 1
                    ? graph.Node("Flatten", ["x"])
                    : graph.Node("Reshape", ["x", graph.Integers(0, rows, depth)]),
                1 / 255f, 0);
            string y = rows == 1
                ? model.Layer("Gemm", x, [to, depth], 0, I("transB", 1))
                : model.Layer("MatMul", x, [depth, to], 1);
            Equal(
                model, model.Pair(y, activation == "Uint8" ? 64 * model.Sums : 0.05f, 100),
                new(1, rows, depth));
        }
    }

    [Theory]
    [InlineData("Uint16")]
    [InlineData("Int16")]
    public void Run_ProductsOfTwoMatrices_GiveOnnxRuntimesNumbers(string activation)
    {
        foreach ((int m, int k) in ((int, int)[])[(5, 8), (7, 140), (1, 30), (4, 1)])
        {
            var model = new IntegersModel(m + k, activation, "Int8", false);
            GraphBuilder graph = model.Graph;
            string x = model.Pair(
                graph.Node("Reshape", ["x", graph.Integers(0, m, k)]), 1 / 255f, 0);
            string turned = model.Pair(
                graph.Node("Transpose", [x], Is("perm", 0, 2, 1)), 1 / 255f, 0);
            string scores = model.Pair(graph.Node("MatMul", [x, turned]), 0.2f, 3);
            Equal(
                model, model.Pair(graph.Node("MatMul", [scores, x]), 0.9f, 3), new(1, m, k));
        }
    }

    /// <summary>Export writes 8 bits, of which ONNX Runtime could multiply integers.</summary>
    [Fact]
    public void Write_WeightsOfFourBits_RunsTheSame()
    {
        var model = new IntegersModel(3, "Uint8", "Int4", false);
        string y = model.Layer("Conv", model.Pair("x", 1 / 255f, 0), [4, 3, 3, 3], 0);
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, 3, Side, Side],
            model.Graph.Node("Flatten", [model.Pair(y, 64 * model.Sums, 100)]));

        DynamicGraphTests.WrittenIsTheSame(file, new(3, Side, Side), 20);
    }

    /// <summary>A value of int8 that a convolution and a sum read stays int8.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_SignedValuesThatAreReadTwice_GiveOnnxRuntimesNumbers(bool isPerChannel)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            var model = new IntegersModel(seed, "Int8", "Int8", isPerChannel) { Most = 60 };
            GraphBuilder graph = model.Graph;
            string x = model.Pair("x", 1 / 127f, -128);
            x = model.Pair(graph.Node("Relu", [Conv(x)]), 0.02f, -128);
            string y = model.Pair(graph.Node("Relu", [Conv(x)]), 0.03f, -128);
            y = model.Pair(Conv(y), 0.04f, 5);
            y = model.Pair(graph.Node("Relu", [graph.Node("Add", [x, y])]), 0.04f, -128);
            y = model.Pair(graph.Node("Add", [y, model.Pair(Conv(y), 0.05f, 2)]), 0.06f, 1);
            Equal(model, model.Pair(Conv(y), 0.06f, 1), new(8, Side, Side));

            string Conv(string value) =>
                model.Layer("Conv", value, [8, 8, 3, 3], 0, Is("pads", 1, 1, 1, 1));
        }
    }

    [Theory]
    [InlineData("Uint8", "Int8")]
    [InlineData("Uint16", "Int8")]
    public void Run_TransposedConvolutions_GiveOnnxRuntimesNumbers(
        string activation, string weight)
    {
        foreach ((int from, int to) in ((int, int)[])[(12, 4), (3, 8), (32, 16)])
        {
            var model = new IntegersModel(from, activation, weight, false);
            string y = model.Layer(
                "ConvTranspose", model.Pair("x", 1 / 15f, 0), [from, to, 2, 2], 1,
                Is("strides", 2, 2));
            Equal(
                model, model.Pair(y, activation == "Uint8" ? 64 * model.Sums : 0.02f, 100),
                new(from, Side, Side));
        }
    }

    /// <summary>
    /// Between pairs of 8 bits: a clamp that neither the pair makes up for, and a Flatten ahead.
    /// </summary>
    [Theory]
    [InlineData("Clip")]
    [InlineData("Relu")]
    [InlineData("Flatten")]
    [InlineData("MatMul")]
    public void Run_LayersThatNoPairsStandAbout_GiveOnnxRuntimesNumbers(string with)
    {
        foreach (bool isPerChannel in (bool[])[false, true])
        {
            var model = new IntegersModel(5, "Uint8", "Int8", isPerChannel) { Most = 60 };
            GraphBuilder graph = model.Graph;
            // Of few levels, exact sums are often halfway between two integers.
            const float step = 1 / 15f;
            string x = model.Pair("x", step, 0);
            string y = with == "Flatten"
                ? model.Layer(
                    "Gemm", graph.Node(with, [x]), [9, 3 * Side * Side], 0, I("transB", 1))
                : model.Layer("Conv", x, [7, 3, 3, 3], 0);
            if (with == "MatMul")
            {
                string turned = model.Pair(
                    graph.Node("Transpose", [x], Is("perm", 0, 1, 3, 2)), step, 0);
                y = graph.Node("Clip", [
                    graph.Node(with, [x, turned]), graph.Real(0.31f), graph.Real(1.77f)]);
            }

            if (with == "Clip") y = graph.Node(with, [y, graph.Real(-0.31f), graph.Real(0.77f)]);
            if (with == "Relu") y = graph.Node(with, [y]);
            Equal(
                model, model.Pair(y, with == "MatMul" ? 4 / 225f : 32 * model.Sums, 100),
                new(3, Side, Side));
        }
    }

    /// <summary>The format's own arithmetic is of integers.</summary>
    [Theory]
    [InlineData("any", true)]
    [InlineData("int8", false)]
    public void Quantize_Operands_SaysWhatIsMultiplied(string operands, bool areIntegers)
    {
        var model = new IntegersModel(3, "Uint16", "Int8", false);
        string y = model.Layer("Conv", model.Pair("x", 1 / 255f, 0), [4, 3, 3, 3], 0);
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, 3, Side, Side],
            model.Graph.Node("Flatten", [model.Pair(y, 0.05f, 9)]));

        QuantizedProgram program = QuantizedGraphTests.Program(
            OnnxImporter.Import(file, "f.onnx", new(3, Side, Side)),
            "onnxruntime-qlinear", new ProfileOverride("mac.operands", operands));

        Assert.Equal(areIntegers, program.Layers.Any(l => l is MacLayer));
        Assert.Equal(!areIntegers, program.Layers.Any(l => l is FloatMacLayer));
    }

    private static void Equal(
        IntegersModel model, string y, TensorShape shape, bool isWritten = true)
    {
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, shape.Channels, shape.Rows, shape.Columns],
            model.Graph.Node("Flatten", [y]));
        DynamicGraphTests.Equal(file, shape, Images, optimizes: true);
        if (isWritten) DynamicGraphTests.WrittenIsTheSame(file, shape, 3);
    }

    /// <summary>Of 16 bits the last bits of float32 decide more often.</summary>
    [SkippableTheory]
    [InlineData("Softplus", 8.5f, 0)]
    [InlineData("Mish", 9, 3000)]
    public void Run_FunctionOf16Bits_GivesOnnxRuntimesIntegers(
        string function, float range, int zero)
    {
        QuantizedGraphTests.NeedsAvx2();
        for (int seed = 1; seed <= 12; seed++)
            DynamicGraphTests.Equal(
                FunctionOf16Bits(seed, function, range, zero), TieGraph.Shape, 12,
                optimizes: true);
    }

    /// <summary>Written with weights of float32, of which channels may stand in blocks.</summary>
    [SkippableTheory]
    [InlineData("Softplus", 8.5f, 0)]
    [InlineData("Mish", 9, 3000)]
    public void Write_FunctionOf16Bits_RunsTheSame(string function, float range, int zero)
    {
        QuantizedGraphTests.NeedsAvx2();
        DynamicModel.SkipWiderBlocks();
        for (int seed = 1; seed <= 12; seed++)
            DynamicGraphTests.WrittenIsTheSame(
                FunctionOf16Bits(seed, function, range, zero), TieGraph.Shape, 3);
    }

    private static byte[] FunctionOf16Bits(int seed, string function, float range, int zero)
    {
        var graph = new TieGraph(seed, DataType.Uint16, 21);
        string sums = graph.Convolved(graph.Pair("x", 1 / 65535f, 0));
        string y = graph.Graph.Node(function, [graph.Pair(sums, 16 / 65535f, 32768)]);
        return graph.Graph.Build(
            DataType.Float, [-1, 8, 6, 6],
            graph.Graph.Node("Flatten", [graph.Pair(y, range / 65535, zero)]));
    }
}
