using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// What ONNX Runtime's quantizer leaves in float32 between DequantizeLinear and QuantizeLinear:
/// ONNX Runtime's numbers, run and written again.
/// </summary>
public class QuantizedIslandTests
{
    private const int Channels = 16, Side = 8, Seeds = 60;

    private static readonly string[] First =
    [
        "HardSwish", "Sigmoid", "Tanh", "HardSigmoid", "LeakyRelu", "Elu", "Erf",
        "com.microsoft:Gelu", "com.microsoft:FastGelu", "scale", "AveragePool", "squeeze",
    ];

    private static readonly string[] Later =
    [
        .. First, "Relu", "Clip", "MaxPool", "shift", "quotient", "channels", "Add", "Mul",
        "Concat", "Transpose", "integers", "read twice",
    ];

    /// <summary>As MobileNetV3 ends, as pairs and as QLinear operators.</summary>
    [Theory]
    [InlineData(13, "ReduceMean", false)]
    [InlineData(13, "ReduceMean", true)]
    [InlineData(14, "GlobalAveragePool", true)]
    [InlineData(19, "GlobalAveragePool", false)]
    public void Run_HardSwishThenMean_GivesOnnxRuntimesNumbers(
        int opset, string mean, bool isReadTwice)
    {
        var graph = new GraphBuilder(opset);
        string x = HardSwish(graph, Sums(graph));
        string y = mean == "ReduceMean"
            ? graph.Node(mean, [x], Is("axes", 2, 3))
            : graph.Node(mean, [x]);
        y = Pair(graph, y, 1 / 90f, 30);
        if (isReadTwice)
            y = Pair(graph, graph.Node("Mul", [Pair(graph, x, 1 / 40f, 9), y]), 1 / 50f, 20);
        Equal(graph, y);
    }

    /// <summary>
    /// Of two pairs that are the same, one for each reader, ONNX Runtime makes one.
    /// </summary>
    [Fact]
    public void Run_SumsWithAPairForEachReader_GiveOnnxRuntimesNumbers()
    {
        var graph = new GraphBuilder(13);
        string sums = Convolution(graph, Pair(graph, "x", 1 / 255f, 0), 0.017f);
        string[] pairs = [.. Enumerable.Range(0, 3).Select(_ => Pair(graph, sums, 1 / 43f, 119))];
        string y = graph.Node("Add", [pairs[0], graph.Node("Relu", [pairs[1]])]);
        y = graph.Node("Add", [Pair(graph, y, 1 / 21f, 90), pairs[2]]);
        Equal(graph, Pair(graph, y, 1 / 17f, 101));
    }

    /// <summary>QSIM_ONNX_SEED is the first seed, QSIM_QUANTIZED_GRAPHS how many.</summary>
    [SkippableFact]
    public void Run_RandomOperators_GiveOnnxRuntimesNumbers()
    {
        DynamicModel.SkipWiderBlocks();
        int seeds = OnnxRuntimeTests.Setting("QSIM_QUANTIZED_GRAPHS", Seeds);
        int first = OnnxRuntimeTests.Setting("QSIM_ONNX_SEED", 1);
        var used = new HashSet<string>();
        for (int seed = first; seed < first + seeds; seed++)
        {
            var random = new Random(seed);
            var graph = new GraphBuilder(random.Next(2) == 0 ? 13 : 17);
            List<string> steps = [];
            try
            {
                Equal(graph, Island(graph, random, steps), 3);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new InvalidOperationException(
                    $"seed {seed}: {string.Join(", ", steps)}: {e.Message}", e);
            }

            used.UnionWith(steps);
        }

        if (seeds >= Seeds) Assert.Equal(Later.Order(), used.Order());
    }

    /// <summary>A bound between two raw values cuts numbers off where it is.</summary>
    [Theory]
    [InlineData("HardSwish", 1 / 90f)]
    [InlineData("MaxPool", 1 / 150f)]
    [InlineData("", 1 / 43f)]
    [InlineData("", 1 / 150f)]
    [InlineData("Clip", 1 / 150f)]
    public void Run_ClipOfIntegers_GivesOnnxRuntimesNumbers(string behind, float scale)
    {
        var graph = new GraphBuilder(14);
        string Clip(string value, float low, float high) =>
            graph.Node("Clip", [value, graph.Reals([low]), graph.Reals([high])]);
        string x = Clip(Sums(graph), -0.3f, 0.5f);
        x = behind switch
        {
            "" => x,
            "Clip" => Clip(x, -0.21f, 0.7f),
            "MaxPool" => graph.Node(behind, [x], Is("kernel_shape", 2, 2)),
            _ => graph.Node(behind, [x]),
        };
        Equal(graph, Pair(graph, x, scale, 119));
    }

    /// <summary>A product that nothing quantizes is one of numbers, not of raw values.</summary>
    [Fact]
    public void Run_ProductAtTheEnd_GivesOnnxRuntimesNumbers()
    {
        var graph = new GraphBuilder(13);
        string x = Sums(graph);
        Equal(graph, graph.Node("Mul", [x, Pair(graph, graph.Node("Tanh", [x]), 1 / 120f, 128)]));
    }

    [Fact]
    public void Run_PoolReadAsNumbersAndAsIntegers_GivesOnnxRuntimesNumbers()
    {
        var graph = new GraphBuilder(13);
        string x = Pair(graph, graph.Node("GlobalAveragePool", [Sums(graph)]), 1 / 80f, 120);
        string flat = graph.Node("Flatten", [x]);
        string shares = graph.Node("Softmax", [flat], I("axis", 1));
        int[] raw = [.. Enumerable.Range(0, Channels * Channels).Select(i => (i * 29 % 127) - 63)];
        // Without a pair of its own the matrix is one of float32 numbers to ONNX Runtime.
        string own = Pair(graph, flat, 1 / 80f, 120);
        string dense = Pair(
            graph, graph.Node("MatMul", [own, graph.Node("DequantizeLinear",
            [
                graph.Raw(DataType.Int8, raw, Channels, Channels), graph.Real(0.01f),
                graph.Raw(DataType.Int8, [0]),
            ])]), 1 / 50f, 128);
        Equal(graph, graph.Node("Mul", [shares, dense]));
    }

    /// <summary>Numbers to integers of four bits, which end where those end.</summary>
    [Fact]
    public void Run_NumbersToFourBits_GivesOnnxRuntimesNumbers()
    {
        var graph = new GraphBuilder(21);
        string[] how = [graph.Reals([0.04f]), graph.Raw(DataType.Int4, [1])];
        string x = HardSwish(graph, Sums(graph));
        string few = graph.Node(
            "DequantizeLinear", [graph.Node("QuantizeLinear", [x, .. how]), .. how]);
        Equal(graph, graph.Node("Concat", [few, x], I("axis", 1)));
    }

    [Theory]
    [InlineData("int8-acc-wrap", null)]
    [InlineData("cmsis-nn-int8", null)]
    [InlineData("hls4ml-default", "cannot go with what the network leaves in float32")]
    public void Quantize_OtherProfiles_RunItInFloat32OrRefuseIt(string profile, string? why)
    {
        var graph = new GraphBuilder(13);
        string x = graph.Node("GlobalAveragePool", [HardSwish(graph, Sums(graph, true))]);
        byte[] file = graph.Build(
            DataType.Float, [-1, Channels, Side, Side],
            graph.Node("Flatten", [Pair(graph, x, 0.0625f, 0)]));
        var network = OnnxImporter.Import(file, "f.onnx", new(Channels, Side, Side));

        QuantizationException? e = null;
        try
        {
            QuantizedGraphTests.Program(network, profile);
        }
        catch (QuantizationException refused)
        {
            e = refused;
        }

        if (why is null) Assert.Null(e);
        else Assert.Contains(why, e?.Message);
    }

    private static string Island(GraphBuilder graph, Random random, List<string> steps)
    {
        string input = Sums(graph);
        string x = Step(graph, random, First, input, input, steps);
        for (int left = random.Next(1, 5); left > 0; left--)
            x = Step(graph, random, Later, x, input, steps);
        // Of numbers of any size one of the scales tells much.
        string[] all =
        [
            Pair(graph, x, 1 / 53f, 97), Pair(graph, x, 1 / 900f, 61), Pair(graph, x, 5e-6f, 120),
        ];
        return graph.Node("Concat", all, I("axis", 1));
    }

    /// <summary>A quantized convolution of pixels: numbers of about 1, of both signs.</summary>
    internal static string Sums(GraphBuilder graph, bool hasBinaryPoints = false)
    {
        string pixels = Pair(graph, "x", hasBinaryPoints ? 1 / 256f : 1 / 255f, 0);
        return Pair(
            graph, Convolution(graph, pixels, hasBinaryPoints ? 1 / 64f : 0.017f),
            hasBinaryPoints ? 1 / 32f : 1 / 43f, hasBinaryPoints ? 0 : 119);
    }

    private static string Convolution(GraphBuilder graph, string x, float step)
    {
        int[] raw = [.. Enumerable.Range(0, Channels * Channels).Select(i => (i * 37 % 127) - 63)];
        return graph.Node("Conv", [x, graph.Node(
            "DequantizeLinear",
            [
                graph.Raw(DataType.Int8, raw, Channels, Channels, 1, 1), graph.Real(step),
                graph.Raw(DataType.Int8, [0]),
            ])]);
    }

    private static string Step(
        GraphBuilder graph, Random random, string[] kinds, string x, string input,
        List<string> steps)
    {
        string kind = kinds[random.Next(kinds.Length)];
        steps.Add(kind);
        float number = 0.3f + random.NextSingle();
        switch (kind)
        {
            case "HardSwish":
                return HardSwish(graph, x);
            case "LeakyRelu" or "Elu":
                return graph.Node(kind, [x], F("alpha", number));
            case "Clip":
                return graph.Node(kind, [x, graph.Reals([-number]), graph.Reals([2 * number])]);
            case "AveragePool" or "MaxPool":
                return graph.Node(
                    kind, [x], Is("kernel_shape", 3, 3), Is("pads", 1, 1, 1, 1));
            case "squeeze":
                return graph.Node("Mul", [x, graph.Node("GlobalAveragePool", [x])]);
            case "scale":
                return graph.Node("Mul", [x, graph.Real(number)]);
            case "shift":
                return graph.Node("Add", [graph.Real(number - 0.8f), x]);
            case "quotient":
                return graph.Node("Div", [x, graph.Real(number)]);
            case "channels":
                float[] factors =
                    [.. Enumerable.Range(0, Channels).Select(_ => random.NextSingle() + 0.4f)];
                return graph.Node("Mul", [x, graph.Reals(factors, Channels, 1, 1)]);
            case "Add" or "Mul":
                return graph.Node(kind, [x, graph.Node("Tanh", [x])]);
            case "Concat":
                string[] halves = graph.Nodes("Split", [x], 2, I("axis", 1));
                return graph.Node(kind, [halves[1], halves[0]], I("axis", 1));
            case "Transpose":
                return graph.Node(kind, [x], Is("perm", 0, 1, 3, 2));
            case "integers":
                return graph.Node("Add", [input, x]);
            case "read twice":
                return graph.Node("Sub", [x, Pair(graph, x, 1 / 37f, 101)]);
            default:
                return graph.Node(kind, [x]);
        }
    }

    /// <summary>ONNX has an operator since opset 14, of which ONNX Runtime makes two.</summary>
    private static string HardSwish(GraphBuilder graph, string x) => graph.Opset >= 14
        ? graph.Node("HardSwish", [x])
        : graph.Node("Mul", [x, graph.Node("HardSigmoid", [x], F("alpha", 1 / 6f))]);

    internal static string Pair(GraphBuilder graph, string value, float scale, int zero)
    {
        string[] how = [graph.Reals([scale]), graph.Raw(DataType.Uint8, [zero])];
        return graph.Node(
            "DequantizeLinear", [graph.Node("QuantizeLinear", [value, .. how]), .. how]);
    }

    internal static void Equal(
        GraphBuilder graph, string y, int count = 30, int? leastDistinct = null)
    {
        byte[] file = graph.Build(
            DataType.Float, [-1, Channels, Side, Side], graph.Node("Flatten", [y]));
        TensorShape shape = new(Channels, Side, Side);
        DynamicGraphTests.Equal(file, shape, count, optimizes: true, leastDistinct);
        DynamicGraphTests.WrittenIsTheSame(file, shape, 5, leastDistinct);
    }
}
