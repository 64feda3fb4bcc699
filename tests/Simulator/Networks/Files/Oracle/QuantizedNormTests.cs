using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// LayerNormalization between quantizers and between dynamic layers: ONNX Runtime's numbers, run
/// and written again. Its rows of 8 numbers and more have other sums than shorter ones, and than
/// those of a sum that its optimizer takes into the norm.
/// </summary>
public class QuantizedNormTests
{
    private const int Channels = 16, Side = 8, Positions = Side * Side;

    public static TheoryData<string> Forms() =>
    [
        "plain", "no bias", "constants of a pair", "sum", "sum read twice",
        "sum of four dimensions", "biased sum", "sum with a bias", "bias read twice",
        "turned bias", "sum of an open shape", "several operators",
        "several operators of a sum", "one operator", "sum of a counted batch",
        "sum of a taken batch", "sum of two taken extents", "class token",
        "class token of an open batch", "class token of a declared batch",
    ];

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Run_BetweenQuantizers_GivesOnnxRuntimesNumbers(string form)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (int count in Counts(form))
        {
            var graph = new GraphBuilder(Opset(form));
            string x = QuantizedIslandTests.Sums(graph);
            string y = QuantizedIslandTests.Pair(
                graph, Norm(graph, Rows(graph, x, count), count, form), 1 / 31f, 121);
            QuantizedIslandTests.Equal(graph, y, 20);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Run_BetweenDynamicLayers_GivesOnnxRuntimesNumbers(string form)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (int count in Counts(form))
            foreach (bool isLast in new[] { true, false })
            {
                var model = new DynamicModel(count, true, opset: Opset(form));
                string x = Rows(model.Graph, model.Conv("x", 3, Channels, 3, pad: 1), count);
                x = model.Graph.Node("Flatten", [Norm(model.Graph, x, count, form)]);
                byte[] file = model.Graph.Build(
                    DataType.Float, [-1, 3, Side, Side],
                    isLast ? x : model.Dense(x, Channels * count, 10));
                DynamicGraphTests.Equal(file, new(3, Side, Side), 10, optimizes: true);
                DynamicGraphTests.WrittenIsTheSame(file, new(3, Side, Side), 4);
            }
    }

    /// <summary>By ONNX such constants are one for each row, not for each number of one.</summary>
    [Theory]
    [InlineData("com.microsoft:SkipLayerNormalization", 1, "input 1 is not there")]
    [InlineData("com.microsoft:SkipLayerNormalization", 0, "input 0 is not there")]
    [InlineData("LayerNormalization", 1, "input 1 is not")]
    [InlineData(
        "LayerNormalization", 2, "input 1 of [16, 1] is not supported (supported: [16], what")]
    public void Import_WhatIsNoNorm_IsRefused(string type, int inputs, string why)
    {
        var graph = new GraphBuilder(17);
        string x = Rows(graph, QuantizedIslandTests.Sums(graph), Channels);
        string scale = graph.Reals(new float[Channels], Channels, 1);
        string y = graph.Node(type, ((string[])[x, scale])[..inputs]);
        byte[] file = graph.Build(
            DataType.Float, [-1, Channels, Side, Side],
            graph.Node("Flatten", [QuantizedIslandTests.Pair(graph, y, 1 / 31f, 121)]));

        var e = Assert.Throws<InputException>(
            () => OnnxImporter.Import(file, "f.onnx", new(Channels, Side, Side)));

        Assert.Contains(why, e.Message);
    }

    private static int[] Counts(string form) => form == "plain"
        ? [3, 7, 8, 9, 12, 13, 15, 23, 64]
        : [5, 14, 32];

    private static int Opset(string form) =>
        form.StartsWith("several", StringComparison.Ordinal) ? 13 : 17;

    /// <summary>[batch, channels, positions], some of these.</summary>
    private static string Rows(GraphBuilder graph, string x, int count)
    {
        string rows = graph.Node(
            "Reshape", [x, graph.Integers(0, Channels, Positions)]);
        return count == Positions
            ? rows
            : graph.Node(
                "Slice",
                [rows, graph.Integers(3), graph.Integers(3 + count), graph.Integers(2)]);
    }

    private static string Norm(GraphBuilder graph, string x, int count, string form)
    {
        var random = new Random(count);
        string Constants(float middle) => graph.Reals(
            [.. Enumerable.Range(0, count).Select(_ => middle + (random.NextSingle() * 0.8f))],
            count);
        string Of(string value) => graph.Node(
            "LayerNormalization", [value, Constants(0.6f), Constants(-0.4f)], I("axis", -1),
            F("epsilon", 1e-5f));
        string Add(string a, string b) => graph.Node("Add", [a, b]);
        string other = graph.Node("Tanh", [x]);
        switch (form)
        {
            case "no bias":
                return graph.Node("LayerNormalization", [x, Constants(0.6f)]);
            case "constants of a pair":
                return graph.Node(
                    "LayerNormalization",
                    [x, Paired(graph, Constants(0.6f)), Paired(graph, Constants(-0.4f))]);
            case "sum":
                return Of(Add(x, other));
            case "sum read twice":
                string sum = Add(x, other);
                return Add(Of(sum), sum);
            case "sum of four dimensions":
                string[] both =
                [
                    .. new[] { x, other }.Select(v => graph.Node(
                        "Reshape", [v, graph.Integers(0, Channels / 4, 4, count)])),
                ];
                return graph.Node(
                    "Reshape", [Of(Add(both[0], both[1])), graph.Integers(0, Channels, count)]);
            case "sum of an open shape":
                string shape = graph.Node(
                    "Concat",
                    [
                        graph.Node(
                            "Slice",
                            [
                                graph.Node("Shape", [x]), graph.Integers(0), graph.Integers(2),
                                graph.Integers(0),
                            ]),
                        graph.Integers(-1),
                    ],
                    I("axis", 0));
                return Of(Add(graph.Node("Reshape", [x, shape]), other));
            case "biased sum":
                return Of(Add(Add(other, Constants(0.3f)), x));
            case "sum with a bias":
                return Of(Add(x, Add(other, Constants(0.3f))));
            case "bias read twice":
                string biased = Add(other, Constants(0.3f));
                return Add(Of(Add(x, biased)), biased);
            case "turned bias":
                return Of(Add(x, Add(Constants(0.3f), other)));
            case "several operators" or "several operators of a sum":
                return Several(
                    graph, form.EndsWith("sum", StringComparison.Ordinal) ? Add(x, other) : x,
                    Constants(0.6f), Constants(-0.4f));
            case "one operator":
                return graph.Node(
                    "com.microsoft:SkipLayerNormalization",
                    [x, other, Constants(0.6f), Constants(-0.4f), Constants(0.1f)]);
            case "plain":
                return Of(x);
            default:
                (string a, string b) = Addends(graph, x, count, form);
                return Of(Add(a, b));
        }
    }

    /// <summary>
    /// Two of one shape, of which ONNX Runtime may not know. -1 loses the name of the batch, 0
    /// keeps it, and the optimizer makes a 0 of an extent that is the value's own.
    /// </summary>
    private static (string A, string B) Addends(
        GraphBuilder graph, string x, int count, string form)
    {
        string tanh = graph.Node("Tanh", [x]);
        string counted = graph.Node("Reshape", [x, graph.Integers(-1, Channels, count)]);
        switch (form)
        {
            case "sum of a counted batch":
                return (counted, tanh);
            case "sum of a taken batch":
                return (Taken(graph, x, [Extent(graph, x, 0)], Channels, -1), tanh);
            case "sum of two taken extents":
                string[] extents = [Extent(graph, x, 0), Extent(graph, x, 1)];
                return (Taken(graph, x, extents, count), tanh);
            default:
                string y = WithToken(
                    graph, form == "class token" ? x : counted, count,
                    form == "class token of a declared batch");
                return (y, graph.Node("Tanh", [y]));
        }
    }

    /// <summary>One extent of a value, as a list of one.</summary>
    private static string Extent(GraphBuilder graph, string x, long axis)
    {
        string one = graph.Node("Gather", [graph.Node("Shape", [x]), graph.Integer(axis)]);
        return graph.Node("Unsqueeze", graph.Opset < 13 ? [one] : [one, graph.Integers(0)]);
    }

    private static string Taken(
        GraphBuilder graph, string x, string[] extents, params long[] others) => graph.Node(
            "Reshape",
            [
                x, graph.Node("Concat", [.. extents, graph.Integers(others)], I("axis", 0)),
            ]);

    /// <summary>
    /// The same constant ahead of each image's rows, as often as there are images, and positions.
    /// </summary>
    private static string WithToken(GraphBuilder graph, string x, int count, bool isDeclared)
    {
        float[] Constants(int rows) =>
            [.. Enumerable.Range(0, rows * count).Select(i => (i * 37 % 101 * 0.01f) - 0.5f)];
        string token = graph.Node(
            "Expand",
            [
                graph.Reals(Constants(1), 1, 1, count),
                graph.Node(
                    "Concat", [Extent(graph, x, 0), graph.Integers(1, count)], I("axis", 0)),
            ]);
        if (isDeclared) graph.Declared(token, "unk__2", "unk__3", $"{count}");
        string rows = graph.Node(
            "Slice",
            [x, graph.Integers(0), graph.Integers(Channels - 1), graph.Integers(1)]);
        return graph.Node(
            "Add",
            [
                graph.Node("Concat", [token, rows], I("axis", 1)),
                graph.Reals(Constants(Channels), 1, Channels, count),
            ]);
    }

    private static string Paired(GraphBuilder graph, string constant) => graph.Node(
        "DequantizeLinear",
        [
            graph.Node(
                "QuantizeLinear",
                [constant, graph.Real(1 / 170f), graph.Raw(DataType.Uint8, [80])], I("axis", 0)),
            graph.Real(1 / 170f), graph.Raw(DataType.Uint8, [80]),
        ],
        I("axis", 0));

    /// <summary>As exporters wrote it before opset 17.</summary>
    private static string Several(GraphBuilder graph, string x, string scale, string bias)
    {
        string mean = graph.Node("ReduceMean", [x], Is("axes", -1));
        string centred = graph.Node("Sub", [x, mean]);
        string variance = graph.Node(
            "ReduceMean", [graph.Node("Pow", [centred, graph.Reals([2f])])], Is("axes", -1));
        string root = graph.Node("Sqrt", [graph.Node("Add", [variance, graph.Reals([1e-5f])])]);
        string unit = graph.Node("Div", [centred, root]);
        return graph.Node("Add", [graph.Node("Mul", [unit, scale]), bias]);
    }
}
