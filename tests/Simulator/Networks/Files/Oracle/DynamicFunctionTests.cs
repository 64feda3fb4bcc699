using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Functions between dynamic layers, themselves and behind a quantizer: ONNX Runtime's float32
/// numbers, run and written again.
/// </summary>
public class DynamicFunctionTests
{
    private const int Channels = 8, Values = Channels * 8 * 8;

    [Theory]
    [InlineData("Elu", 13)]
    [InlineData("EluSteep", 19)]
    [InlineData("Erf", 13)]
    [InlineData("Gelu", 20)]
    [InlineData("GeluTanh", 20)]
    [InlineData("com.microsoft:Gelu", 13)]
    [InlineData("com.microsoft:FastGelu", 15)]
    [InlineData("com.microsoft:QuickGelu", 13)]
    [InlineData("QuickGeluSteep", 19)]
    public void Run_Functions_GiveOnnxRuntimesNumbers(string function, int opset)
    {
        foreach (bool optimizes in new[] { true, false })
            foreach (bool isLast in new[] { true, false })
                Equal(opset, isLast, optimizes, (g, x) => Function(g, x, function));
    }

    /// <summary>
    /// What the optimizer makes one operator of, with its rounding, and what it leaves alone.
    /// </summary>
    [Theory]
    [InlineData("outer half")]
    [InlineData("outer half, turned")]
    [InlineData("inner half")]
    [InlineData("inner half, turned")]
    [InlineData("half of the sum")]
    [InlineData("product with a root")]
    [InlineData("near root")]
    [InlineData("far root")]
    [InlineData("another value")]
    [InlineData("read twice")]
    [InlineData("outer half of a product")]
    [InlineData("inner half of a product")]
    [InlineData("outer half of bare sums")]
    public void Run_GeluOfSeveralOperators_IsWhatOnnxRuntimeMakesOfIt(string form)
    {
        foreach (int opset in new[] { 13, 19 })
            foreach (bool isLast in new[] { true, false })
                Equal(opset, isLast, optimizes: true, (g, x) => Gelu(g, x, form));
    }

    private static string Function(GraphBuilder graph, string x, string function) =>
        function switch
        {
            "EluSteep" => graph.Node("Elu", [x], F("alpha", 2.3f)),
            "Elu" => graph.Node("Elu", [x], F("alpha", 0.7f)),
            "GeluTanh" => graph.Node("Gelu", [x], S("approximate", "tanh")),
            "QuickGeluSteep" => graph.Node("com.microsoft:QuickGelu", [x], F("alpha", 2.5f)),
            _ => graph.Node(function, [x]),
        };

    private static string Gelu(GraphBuilder graph, string x, string form)
    {
        const float Root = 1.41421354f, Half = 0.5f;
        float root = form switch { "near root" => 1.41421f, "far root" => 1.414f, _ => Root };
        if (form.EndsWith("of a product", StringComparison.Ordinal))
            x = graph.Node("Mul", [x, graph.Real(3.7f)]);
        if (form.EndsWith("bare sums", StringComparison.Ordinal))
            x = Bare(graph, x);
        string inner = form == "product with a root"
            ? graph.Node("Mul", [x, graph.Real(1 / Root)])
            : graph.Node("Div", [x, graph.Real(root)]);
        string erf = graph.Node("Erf", [inner]);
        bool isTurned = form.EndsWith("turned", StringComparison.Ordinal);
        string sum = graph.Node("Add", isTurned ? [graph.Real(1), erf] : [erf, graph.Real(1)]);
        string Mul(string a, string b) => graph.Node("Mul", isTurned ? [b, a] : [a, b]);
        string half = graph.Real(Half);
        return form switch
        {
            "inner half" or "inner half, turned" or "inner half of a product" =>
                Mul(Mul(x, half), sum),
            "half of the sum" => Mul(x, Mul(half, sum)),
            "another value" => Mul(Mul(graph.Node("Relu", [x]), sum), half),
            "read twice" => graph.Node("Add", [Mul(Mul(x, sum), half), sum]),
            _ => Mul(Mul(x, sum), half),
        };
    }

    /// <summary>A product of matrices without an addend, of each column.</summary>
    private static string Bare(GraphBuilder graph, string x)
    {
        string[] integers = graph.Nodes("DynamicQuantizeLinear", [x], 3);
        string weights = graph.Raw(
            DataType.Uint8, [.. Enumerable.Range(0, 64).Select(i => (i * 37 % 101) + 77)], 8, 8);
        string sums = graph.Node(
            "MatMulInteger",
            [integers[0], weights, integers[2], graph.Raw(DataType.Uint8, [127])]);
        return graph.Node(
            "Mul",
            [
                graph.Node("Cast", [sums], I("to", 1)),
                graph.Node("Mul", [integers[1], graph.Real(0.013f)]),
            ]);
    }

    private static void Equal(
        int opset, bool isLast, bool optimizes, Func<GraphBuilder, string, string> function)
    {
        var model = new DynamicModel(opset, true, opset: opset);
        string x = function(model.Graph, model.Conv("x", 3, Channels, 3, pad: 1));
        x = model.Graph.Node("Flatten", [x]);
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, 3, 8, 8], isLast ? x : model.Dense(x, Values, 10));
        DynamicGraphTests.Equal(file, new(3, 8, 8), 10, optimizes);
        DynamicGraphTests.WrittenIsTheSame(file, new(3, 8, 8), 5);
    }
}
