using System.Collections.Immutable;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// What exporters leave of weights' own arithmetic, as standardized weights have it, against ONNX
/// Runtime: of constants every axis may go, the first as well.
/// </summary>
public class FoldedConstantTests
{
    private static readonly float[] Numbers =
        [.. Enumerable.Range(0, 24).Select(i => MathF.Sin(5 * i) + (0.1f * i))];

    [Theory]
    [InlineData("ReduceMean", 13, "1,2", 1)]
    [InlineData("ReduceMean", 18, "0", 0)]
    [InlineData("ReduceMax", 13, "-1", 1)]
    [InlineData("ReduceMax", 18, "", 0)]
    [InlineData("ReduceSum", 13, "0,2", 0)]
    [InlineData("ReduceSum", 11, "", 1)]
    [InlineData("ReduceL2", 11, "1", 1)]
    [InlineData("ReduceL2", 18, "1,-1", 0)]
    [InlineData("ReduceSumSquare", 18, "2", 1)]
    public void Import_ReducedConstant_GivesOnnxRuntimesValues(
        string type, int opset, string axes, int keeps)
    {
        var graph = new GraphBuilder(opset);
        string constant = graph.Reals(Numbers, 2, 3, 4);
        long[] which = axes.Length == 0 ? [] : [.. axes.Split(',').Select(long.Parse)];
        bool isInput = opset >= (type == "ReduceSum" ? 13 : 18);
        string reduced = graph.Node(
            type,
            isInput && which.Length > 0 ? [constant, graph.Integers(which)] : [constant],
            [I("keepdims", keeps), .. isInput || which.Length == 0
                ? ImmutableArray<AttributeProto>.Empty : [Is("axes", which)]]);
        Check(graph, reduced);
    }

    [Theory]
    [InlineData("Abs")]
    [InlineData("Sqrt")]
    [InlineData("Neg")]
    public void Import_FunctionOfAConstant_GivesOnnxRuntimesValues(string type)
    {
        var graph = new GraphBuilder(17);
        Check(graph, graph.Node(type, [graph.Node("Mul", [
            graph.Reals(Numbers, 2, 3, 4), graph.Reals(Numbers, 2, 3, 4)])]));
    }

    [Fact]
    public void Import_ClippedConstant_GivesOnnxRuntimesValues()
    {
        var graph = new GraphBuilder(17);
        Check(graph, graph.Node(
            "Clip", [graph.Reals(Numbers, 2, 3, 4), graph.Reals([-0.5f]), graph.Reals([1.5f])]));
        graph = new GraphBuilder(17);
        Check(graph, graph.Node("Clip", [graph.Reals(Numbers, 2, 3, 4), graph.Reals([0.25f])]));
    }

    /// <summary>As classes by the angle between features have it.</summary>
    [Fact]
    public void Import_NormalizedFeatures_GiveOnnxRuntimesValues()
    {
        var graph = new GraphBuilder(13);
        string length = graph.Node("ReduceL2", ["x"], Is("axes", 1), I("keepdims", 1));
        string safe = graph.Node("Clip", [length, graph.Reals([1e-12f])]);
        string wide = graph.Node("Expand", [safe, graph.Integers(1, 6)]);
        string unit = graph.Node("Div", ["x", wide]);
        byte[] model = graph.Build(
            DataType.Float, [1, 6],
            graph.Node("MatMul", [unit, graph.Reals(Numbers, 6, 4)]));
        Same(model, [0.1f, 0.9f, 0.4f, 0.2f, 0.7f, 0.05f], 1, 6);
    }

    [Fact]
    public void Import_SquaresOfNoAxes_AreRefused()
    {
        var graph = new GraphBuilder(18);
        byte[] model = graph.Build(
            DataType.Float, [1, 6],
            graph.Node("ReduceL2", ["x"], I("noop_with_empty_axes", 1)));
        Assert.Contains("noop_with_empty_axes without axes", Assert.Throws<InputException>(
            () => OnnxImporter.Import(model, "f.onnx", new(6))).Message);
    }

    /// <summary>A constant meets an image of one number a channel.</summary>
    private static void Check(GraphBuilder graph, string constant)
    {
        string flat = graph.Node("Reshape", [constant, graph.Integers(1, -1)]);
        string one = graph.Node("Slice", ["x", graph.Integers(0), graph.Integers(1),
            graph.Integers(1)]);
        byte[] model = graph.Build(DataType.Float, [1, 6], graph.Node("Mul", [one, flat]));
        Same(model, [0.5f, 1, 1, 1, 1, 1], 1, 6);
    }

    private static void Same(byte[] model, float[] image, params long[] shape)
    {
        using var ort = new OrtModel(model, optimizes: false);
        float[] wanted = ort.Run(image, [.. shape.Select(e => (int)e)]);

        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", new(image.Length));

        float[] found = FloatForward.Run(network, image)[^1];
        Assert.Equal(wanted.Length, found.Length);
        Assert.All(wanted.Zip(found), p => Assert.True(
            Math.Abs(p.First - p.Second) <= 1e-5 * Math.Max(1, Math.Abs(p.First)), $"{p}"));
    }
}
