using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// LayerNormalization of several operators, as exporters wrote it before opset 17, with quantizers
/// between these, as ONNX Runtime's own puts them there: ONNX Runtime's numbers, run and written
/// again.
/// </summary>
public class NormPartsTests
{
    private const int Channels = 16, Side = 8, Positions = Side * Side;

    public static TheoryData<string, string> Forms()
    {
        var all = new TheoryData<string, string>();
        foreach (string type in new[] { "Uint8", "Int8", "Uint16", "Int16" })
            foreach (string form in new[]
            {
                "pairs", "pair of each reader", "pair of each operator", "four dimensions",
                "flat rows", "constants of float32", "open mean", "open variance",
            })
                all.Add(type, form);
        foreach (string type in new[] { "Uint8", "Int8" })
            foreach (string form in new[] { "operators", "operators of flat rows" })
                all.Add(type, form);
        return all;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Run_PairsBetweenTheParts_GiveOnnxRuntimesNumbers(string type, string form)
    {
        foreach (int count in new[] { 1, 3, 8, 15, 32, 49, 64 })
        {
            TensorShape shape = new(Channels, Side, Side);
            DynamicGraphTests.Equal(
                Model(type, form, count, hasTies: true), shape, 12, optimizes: true);
            // Constants of int8 are written as sums that are quantized, which ONNX Runtime adds in
            // another way.
            DynamicGraphTests.WrittenIsTheSame(
                Model(type, form, count, hasTies: type != "Int8"), shape, 5);
        }
    }

    /// <summary>A root that was quantized may be 0; infinity has integers, and no number.</summary>
    [Fact]
    public void Quantize_QuotientThatIsNotQuantized_IsRefusedByName()
    {
        var network = OnnxImporter.Import(
            Model("Uint8", "open quotient", 16, hasTies: true), "f.onnx",
            new(Channels, Side, Side));

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains("divides by what may be 0", e.Message);
    }

    /// <summary>Neither has the root of what may be negative.</summary>
    [Fact]
    public void Quantize_RootsOfBothSignsThatAreNotQuantized_AreRefusedByName()
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node(
            "Relu", [Computed(graph, QuantizedIslandTests.Sums(graph), "root of both signs")]);
        byte[] file = graph.Build(
            DataType.Float, [-1, Channels, Side, Side],
            graph.Node("Flatten", [QuantizedIslandTests.Pair(graph, y, 1 / 31f, 121)]));
        var network = OnnxImporter.Import(file, "f.onnx", new(Channels, Side, Side));

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains("may be the root of a negative number", e.Message);
    }

    /// <summary>On every profile whose numbers have a scale, to the same bits.</summary>
    [Theory]
    [InlineData("Uint8", "pairs")]
    [InlineData("Int16", "flat rows")]
    public void Run_EveryBackend_GivesTheSame(string type, string form)
    {
        DynamicGraphTests.EveryBackendGivesTheSame(
            Model(type, form, Positions, hasTies: true), new(Channels, Side, Side));
    }

    /// <summary>Quotients of numbers of any kind, and roots; between dynamic layers, too.</summary>
    [Theory]
    [InlineData("quotient of two")]
    [InlineData("quotient by a row")]
    [InlineData("quotient by a channel")]
    [InlineData("quotient by zeros")]
    [InlineData("root")]
    [InlineData("root of both signs")]
    public void Run_QuotientsAndRoots_GiveOnnxRuntimesNumbers(string form)
    {
        var graph = new GraphBuilder(13);
        string y = Computed(graph, QuantizedIslandTests.Sums(graph), form);
        if (!form.EndsWith("zeros", StringComparison.Ordinal)
            && !form.EndsWith("signs", StringComparison.Ordinal))
        {
            QuantizedIslandTests.Equal(graph, y, 10);
            var model = new DynamicModel(7, true, opset: 13);
            y = Computed(model.Graph, model.Conv("x", 3, Channels, 3, pad: 1), form);
            byte[] file = model.Graph.Build(
                DataType.Float, [-1, 3, Side, Side],
                model.Dense(model.Graph.Node("Flatten", [y]), Channels * Positions, 10));
            DynamicGraphTests.Equal(file, new(3, Side, Side), 10, optimizes: true);
            DynamicGraphTests.WrittenIsTheSame(file, new(3, Side, Side), 4);
            return;
        }

        // What is no number becomes the least integer, infinity the largest or least.
        QuantizedIslandTests.Equal(graph, QuantizedIslandTests.Pair(graph, y, 1 / 31f, 121), 10);
    }

    /// <summary>A binary point of the profile's own does not go with numbers.</summary>
    [Fact]
    public void Quantize_ABinaryPointOfTheProfiles_IsRefusedByName()
    {
        var graph = new GraphBuilder(13);
        var norm = new NormParts(graph, DataType.Uint8, "pairs", Positions);
        string x = graph.Node(
            "Reshape",
            [
                QuantizedIslandTests.Sums(graph, hasBinaryPoints: true),
                graph.Integers(0, Channels, Positions),
            ]);
        byte[] file = graph.Build(
            DataType.Float, [-1, Channels, Side, Side], graph.Node("Flatten", [norm.Of(x)]));
        var network = OnnxImporter.Import(file, "f.onnx", new(Channels, Side, Side));

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "hls4ml-default"));

        Assert.Contains("binary point", e.Message);
    }

    private static byte[] Model(string type, string form, int count, bool hasTies)
    {
        var graph = new GraphBuilder(13);
        var norm = new NormParts(graph, Enum.Parse<DataType>(type), form, count)
        {
            HasTies = hasTies,
        };
        string x = graph.Node(
            "Reshape",
            [QuantizedIslandTests.Sums(graph), graph.Integers(0, Channels, Positions)]);
        string rows = count == Positions
            ? x
            : graph.Node(
                "Slice", [x, graph.Integers(0), graph.Integers(count), graph.Integers(2)]);
        // Of one number a row is 0 over 0: what stands beside it tells that images differ.
        string[] both =
            [.. new[] { norm.Of(rows), x }.Select(v => graph.Node("Flatten", [v]))];
        return graph.Build(
            DataType.Float, [-1, Channels, Side, Side],
            graph.Node("Concat", both, I("axis", 1)));
    }

    private static string Computed(GraphBuilder graph, string x, string form)
    {
        string positive = graph.Node(
            "Add", [graph.Node("Mul", [x, x]), graph.Real(0.01f)]);
        return form switch
        {
            "quotient of two" => graph.Node("Div", [x, positive]),
            "quotient by a row" => graph.Node(
                "Div", [x, graph.Node("ReduceMean", [positive], Is("axes", 3))]),
            "quotient by a channel" => graph.Node(
                "Div", [x, graph.Node("ReduceMean", [positive], Is("axes", 2, 3))]),
            "quotient by zeros" => graph.Node(
                "Div",
                [
                    graph.Node("Mul", [x, graph.Node("Add", [x, graph.Real(0.4f)])]),
                    graph.Node("Relu", [x]),
                ]),
            "root" => graph.Node("Sqrt", [positive]),
            _ => graph.Node("Sqrt", [graph.Node("Mul", [x, graph.Real(1.3f)])]),
        };
    }
}
