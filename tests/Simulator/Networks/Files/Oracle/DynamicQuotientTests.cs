using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Quotients and roots of float32 numbers that no quantizer reads: ONNX Runtime's numbers where
/// they have one, and refused by name where there may be infinity or no number.
/// </summary>
public class DynamicQuotientTests
{
    private const int Channels = 8, Side = 8;
    private const string Quotient = "divides by what may be 0";
    private const string Root = "may be the root of a negative number";

    [Theory]
    [InlineData("clip")]
    [InlineData("norm of length 1")]
    [InlineData("sum of three")]
    [InlineData("parts of a norm")]
    [InlineData("pool")]
    [InlineData("joined")]
    [InlineData("turned")]
    [InlineData("root of a gate")]
    public void Run_WhatHasANumber_GivesOnnxRuntimes(string form)
    {
        for (int seed = 1; seed <= 6; seed++)
            foreach (bool isLast in new[] { true, false })
            {
                byte[] file = Model(form, seed, isLast);
                DynamicGraphTests.Equal(file, new(3, Side, Side), 6, optimizes: true);
                DynamicGraphTests.WrittenIsTheSame(file, new(3, Side, Side), 3);
            }
    }

    [Theory]
    [InlineData("relu", Quotient)]
    [InlineData("itself", Quotient)]
    [InlineData("clip from 0", Quotient)]
    [InlineData("clip to 0", Quotient)]
    [InlineData("clip of both signs", Quotient)]
    [InlineData("squares", Quotient)]
    [InlineData("negative factor", Quotient)]
    [InlineData("sum with a product", Quotient)]
    [InlineData("padded", Quotient)]
    [InlineData("joined with a relu", Quotient)]
    [InlineData("root of sums", Root)]
    [InlineData("root of a negative factor", Root)]
    [InlineData("root of a clip of both signs", Root)]
    public void Quantize_WhatMayHaveNone_IsRefusedByName(string form, string why)
    {
        FloatNetwork network = OnnxImporter.Import(
            Model(form, 1, isLast: true), "f.onnx", new(3, Side, Side));

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains(why, e.Message);
        Assert.Contains("layer '", e.Message);
    }

    /// <summary>Of integers that become numbers, too, where a quantizer alone does not read it.
    /// </summary>
    [Fact]
    public void Quantize_PaddedDivisorBetweenQuantizers_IsRefusedByName()
    {
        var graph = new GraphBuilder(13);
        string sums = QuantizedIslandTests.Sums(graph);
        string y = graph.Node("Relu", [Computed(graph, sums, "padded")]);
        FloatNetwork network = OnnxImporter.Import(
            graph.Build(
                DataType.Float, [-1, 16, Side, Side],
                QuantizedIslandTests.Pair(graph, y, 1 / 31f, 121)),
            "f.onnx", new(16, Side, Side));

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains(Quotient, e.Message);
    }

    [Fact]
    public void Run_EveryBackend_GivesTheSame() => DynamicGraphTests.EveryBackendGivesTheSame(
        Model("norm of length 1", 3, isLast: false), new(3, Side, Side));

    private static byte[] Model(string form, int seed, bool isLast)
    {
        var model = new DynamicModel(seed, true, opset: 13);
        GraphBuilder graph = model.Graph;
        string y = Computed(graph, model.Conv("x", 3, Channels, 3, pad: 1), form);
        y = graph.Node("Flatten", [y]);
        return graph.Build(
            DataType.Float, [-1, 3, Side, Side],
            isLast ? y : model.Dense(y, Channels * Side * Side, 10));
    }

    private static string Computed(GraphBuilder graph, string x, string form)
    {
        string Of(string type, params string[] inputs) => graph.Node(type, inputs);
        string By(string divisor) => Of("Div", x, divisor);
        string Clip(string y, float low, float high) =>
            Of("Clip", y, graph.Real(low), graph.Real(high));
        string Plus(string y, float number) => Of("Add", y, graph.Real(number));
        string Each(string type, string y) => graph.Node(type, [y], Is("axes", 2, 3));
        string relu = Of("Relu", x), squares = Of("Mul", x, x);
        return form switch
        {
            "clip" => By(Clip(x, 0.01f, 3)),
            "norm of length 1" => By(Clip(
                Of("Sqrt", Each("ReduceMean", squares)), 1e-12f, float.MaxValue)),
            "sum of three" => By(Of("Add", Plus(relu, 0.3f), Of("Sigmoid", x))),
            "parts of a norm" => By(Of("Sqrt", Plus(Each("ReduceMean", squares), 1e-5f))),
            "pool" => By(graph.Node(
                "MaxPool", [Plus(squares, 0.02f)], Is("kernel_shape", 3, 3),
                Is("pads", 1, 1, 1, 1))),
            "joined" => Of(
                "Slice",
                Of("Div", graph.Node("Concat", [x, relu], I("axis", 1)), graph.Node(
                    "Concat", [Plus(relu, 0.2f), Clip(x, 0.1f, 2)], I("axis", 1))),
                graph.Integers(4), graph.Integers(12), graph.Integers(1)),
            "turned" => By(
                graph.Node("Transpose", [Plus(squares, 0.1f)], Is("perm", 0, 1, 3, 2))),
            "root of a gate" => Of(
                "Sqrt", Of("Div", Of("Mul", relu, Of("Sigmoid", x)), Plus(squares, 0.1f))),
            "relu" => By(relu),
            "itself" => By(x),
            "clip from 0" => By(Clip(x, 0, 3)),
            "clip to 0" => By(Clip(Plus(relu, 0.1f), -1, 0)),
            "clip of both signs" => By(Clip(x, -0.1f, 3)),
            "squares" => By(squares),
            "negative factor" => By(Plus(Of("Mul", relu, graph.Real(-1.7f)), 0.1f)),
            "sum with a product" => By(Of("Add", Plus(relu, 0.1f), x)),
            "padded" => By(Of(
                "Pad",
                Of(
                    "Slice", Plus(squares, 0.1f), graph.Integers(0), graph.Integers(6),
                    graph.Integers(3)),
                graph.Integers(0, 0, 0, 1, 0, 0, 0, 1))),
            "joined with a relu" => Of(
                "Div", graph.Node("Concat", [x, x], I("axis", 1)),
                graph.Node("Concat", [Plus(relu, 0.2f), relu], I("axis", 1))),
            "root of sums" => Of("Sqrt", x),
            "root of a negative factor" => Of(
                "Sqrt", Plus(Of("Mul", relu, graph.Real(-1.7f)), 0.1f)),
            _ => Of("Sqrt", Clip(x, -0.2f, 3)),
        };
    }
}
