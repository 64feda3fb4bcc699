using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Profiles;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Operators between pairs of 8 bits where values lie halfway between two integers: ONNX Runtime's
/// float32 decides, run and written again.
/// </summary>
public class QuantizedTieTests
{
    private const int Seeds = 12, Distinct = 1;

    private static readonly string[] Clamps = ["", "Relu", "Clip"];

    public static TheoryData<string, string> Functions()
    {
        var all = new TheoryData<string, string>();
        foreach (string function in new[]
        {
            "LeakyRelu", "Elu", "Sigmoid", "HardSigmoid", "Tanh", "Erf", "HardSwish",
            "com.microsoft:Gelu", "com.microsoft:FastGelu", "com.microsoft:QuickGelu",
            "Softplus", "Mish",
        })
            foreach (string clamp in Clamps) all.Add(function, clamp);
        all.Add("Sqrt", "");
        return all;
    }

    [SkippableTheory]
    [MemberData(nameof(Functions))]
    public void Run_Function_GivesOnnxRuntimesIntegers(string function, string clamp)
    {
        QuantizedGraphTests.NeedsAvx2();
        All(function is "HardSwish" ? 14 : function == "Mish" ? 18 : 13, clamp, graph =>
        {
            (string x, float scale) = graph.Operand();
            float alpha = graph.One(0.5f, 0.25f, 0.1f, 0.01f, 0.2f, 0.75f);
            return function switch
            {
                "LeakyRelu" or "Elu" => (
                    graph.Graph.Node(function, [x], F("alpha", alpha)), scale),
                "Sigmoid" or "HardSigmoid" => (graph.Graph.Node(function, [x]), 1 / 90f),
                "Tanh" or "Erf" => (graph.Graph.Node(function, [x]), 1 / 60f),
                _ => (graph.Graph.Node(function, [x]), scale),
            };
        }, function == "LeakyRelu" ? 5 * Seeds : Seeds);
    }

    public static TheoryData<int, long[]> Means()
    {
        var all = new TheoryData<int, long[]>();
        foreach (long[] axes in new long[][] { [1], [2], [3], [2, 3], [1, 2], [1, 2, 3] })
            foreach (int opset in new[] { 13, 19 }) all.Add(opset, axes);
        return all;
    }

    /// <summary>ONNX Runtime has no ReduceMean of integers.</summary>
    [SkippableTheory]
    [MemberData(nameof(Means))]
    public void Run_ReduceMean_GivesOnnxRuntimesIntegers(int opset, long[] axes)
    {
        QuantizedGraphTests.NeedsAvx2();
        foreach (string clamp in Clamps)
            All(opset, clamp, graph =>
            {
                (string x, float scale) = graph.Operand();
                GraphBuilder nodes = graph.Graph;
                return (
                    opset < 18
                        ? nodes.Node("ReduceMean", [x], Is("axes", axes))
                        : nodes.Node("ReduceMean", [x, nodes.Integers(axes)]),
                    scale);
            });
    }

    public static TheoryData<int, string, string> Units()
    {
        var all = new TheoryData<int, string, string>();
        foreach (string unit in new[]
        {
            "AveragePool", "padded", "counted", "GlobalAveragePool", "Add", "Mul", "square",
            "sum read twice", "pool read twice",
        })
            foreach (string clamp in Clamps)
                foreach (int opset in new[] { 13, 19 }) all.Add(opset, unit, clamp);
        return all;
    }

    /// <summary>
    /// A clamp that the pair behind it does not make up for leaves ONNX Runtime's operators of
    /// integers unused.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Units))]
    public void Run_Unit_GivesOnnxRuntimesIntegers(int opset, string unit, string clamp)
    {
        DynamicModel.SkipWiderBlocks();
        All(opset, clamp, graph =>
        {
            (string x, float scale) = graph.Operand();
            GraphBuilder nodes = graph.Graph;
            switch (unit)
            {
                case "Add" or "Mul":
                    (string other, float by) = graph.Operand();
                    return (
                        nodes.Node(unit, [x, other]), unit == "Mul" ? scale * by * 64 : scale);
                case "square":
                    return (nodes.Node("Mul", [x, x]), scale * scale * 64);
                case "sum read twice":
                    string y = nodes.Node("LeakyRelu", [x], F("alpha", 0.3f));
                    return (
                        nodes.Node("Add", [x, graph.Pair(y, graph.Scale(scale), graph.Zero())]),
                        scale);
                case "pool read twice":
                    string pooled = nodes.Node(
                        "AveragePool", [x], Is("kernel_shape", 3, 3), Is("pads", 1, 1, 1, 1));
                    string less = graph.Pair(
                        nodes.Node("LeakyRelu", [x], F("alpha", 0.3f)), scale, graph.Zero());
                    string pair = graph.Pair(pooled, graph.Scale(scale), graph.Zero());
                    return (nodes.Node("Add", [pair, less]), scale);
                case "GlobalAveragePool":
                    return (nodes.Node(unit, [x]), scale / 4);
                default:
                    int kernel = 2 + graph.Next(2), pad = unit == "AveragePool" ? 0 : 1;
                    return (
                        nodes.Node(
                            "AveragePool", [x], Is("kernel_shape", kernel, 2 + graph.Next(2)),
                            Is("strides", 1 + graph.Next(2), 1 + graph.Next(2)),
                            Is("pads", pad, pad, pad, pad),
                            I("count_include_pad", unit == "counted" ? 1 : 0)),
                        scale);
            }
        });
    }

    public static TheoryData<string, string, string> Forms()
    {
        var all = new TheoryData<string, string, string>();
        foreach (string unit in new[] { "Add", "AveragePool", "GlobalAveragePool", "Conv" })
            foreach (string clamp in new[] { "Relu", "Clip", "from 0", "below" })
                foreach (string form in new[]
                {
                    "scalars", "scale", "zero", "both", "alone", "scale alone",
                })
                    all.Add(unit, clamp, form);
        return all;
    }

    /// <summary>
    /// A clamp that the pair behind it makes up for: how scale and zero point are written decides
    /// whether ONNX Runtime drops it.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Run_ClampAheadOfAPairOfAnyForm_GivesOnnxRuntimesIntegers(
        string unit, string clamp, string form)
    {
        DynamicModel.SkipWiderBlocks();
        bool hasZero = !form.EndsWith("alone");
        All(13, clamp, graph =>
        {
            (string x, float scale) = graph.Operand();
            GraphBuilder nodes = graph.Graph;
            return unit switch
            {
                "Add" => (nodes.Node(unit, [x, graph.Operand().Value]), scale),
                "AveragePool" => (nodes.Node(unit, [x], Is("kernel_shape", 2, 3)), scale),
                "Conv" => (graph.Convolved(x), scale * 4),
                _ => (nodes.Node(unit, [x]), scale / 4),
            };
        }, types: hasZero ? null : [DataType.Uint8], form: form);
    }

    /// <summary>A clamp behind a function is not lost.</summary>
    [Theory]
    [InlineData("int8-wide")]
    [InlineData("cmsis-nn-int8")]
    [InlineData("onnxruntime-qlinear")]
    public void Run_FunctionThenClamp_CutsOffOnAllHardware(string profile)
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Sums(graph, hasBinaryPoints: true);
        string y = graph.Node(
            "Clip", [graph.Node("Tanh", [x]), graph.Real(0.125f), graph.Real(0.5f)]);
        string[] how = [graph.Real(1 / 128f), graph.Raw(DataType.Int8, [0])];
        byte[] file = graph.Build(
            DataType.Float, [-1, 16, 8, 8],
            graph.Node("Flatten", [graph.Node(
                "DequantizeLinear", [graph.Node("QuantizeLinear", [y, .. how]), .. how])]));
        TensorShape shape = new(16, 8, 8);
        FloatNetwork network = OnnxImporter.Import(file, "f.onnx", shape);

        using var simulation = new Simulation(
            QuantizedGraphTests.Program(network, profile), BackendList.Find("simd")!);
        long[] raw = simulation.Run(
            QuantizedGraphTests.Pixels(shape, 5), RunOptions.Default).Outputs;

        Assert.Equal((16, 64), (raw.Min(), raw.Max()));
    }

    /// <summary>Such programs are the same on every backend that there is.</summary>
    [Theory]
    [InlineData("LeakyRelu", "Clip")]
    [InlineData("ReduceMean", "Relu")]
    [InlineData("AveragePool", "")]
    [InlineData("AveragePool", "Clip")]
    [InlineData("Add", "")]
    [InlineData("Mul", "Clip")]
    [InlineData("pair", "")]
    public void Run_OnEveryBackend_EqualsReference(string unit, string clamp)
    {
        var graph = new TieGraph(7, DataType.Int8);
        (string x, float scale) = graph.Operand();
        GraphBuilder nodes = graph.Graph;
        string y = unit switch
        {
            "LeakyRelu" => nodes.Node(unit, [x], F("alpha", 0.1f)),
            "ReduceMean" => nodes.Node(unit, [x], Is("axes", 1)),
            "AveragePool" => nodes.Node(unit, [x], Is("kernel_shape", 2, 3)),
            "pair" => graph.Pair(x, scale * 1.3f, graph.Zero(90, 160)),
            _ => nodes.Node(unit, [x, graph.Operand().Value]),
        };

        ShippedOnBackendsTests.Compare(
            "onnxruntime-qlinear",
            OnnxImporter.Import(graph.Build(y, scale, clamp), "f.onnx", TieGraph.Shape),
            ShippedOnBackendsTests.Backends);
    }

    /// <summary>What no clamp knows is refused.</summary>
    [Fact]
    public void Quantize_RootsOfNegativesThenClamp_IsRefused()
    {
        var graph = new TieGraph(1, DataType.Uint8);
        (string x, float scale) = graph.Operand();
        byte[] file = graph.Build(graph.Graph.Node("Sqrt", [x]), scale, "Relu");
        FloatNetwork network = OnnxImporter.Import(file, "f.onnx", TieGraph.Shape);

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains("roots of negative numbers have no value", e.Message);
    }

    /// <summary>Both types, several seeds.</summary>
    private static void All(
        int opset, string clamp, Func<TieGraph, (string Value, float Scale)> add,
        int seeds = Seeds, DataType[]? types = null, string form = "")
    {
        foreach (DataType type in types ?? [DataType.Uint8, DataType.Int8])
            for (int seed = 1; seed <= seeds; seed++)
            {
                var graph = new TieGraph(seed, type, opset);
                (string y, float scale) = add(graph);
                byte[] file = graph.Build(y, scale, clamp, form);
                try
                {
                    DynamicGraphTests.Equal(file, TieGraph.Shape, 12, optimizes: true, Distinct);
                    DynamicGraphTests.WrittenIsTheSame(file, TieGraph.Shape, 3, Distinct);
                }
                catch (Exception e) when (form != "" && e.Message.Contains("must be a scalar"))
                {
                    // Its operators of integers take no other form.
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    throw new InvalidOperationException($"{type}, seed {seed}: {e.Message}", e);
                }
            }
    }
}
