using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Means themselves, which a quantizer behind them would hide: as ONNX Runtime sums them where its
/// optimizations lay channels side by side in blocks, and where they do not.
/// </summary>
public class DynamicSumTests
{
    /// <summary>16 channels fill blocks of 8 and of 16, 12 channels neither.</summary>
    [SkippableTheory]
    [InlineData(13, 16, true)]
    [InlineData(15, 12, true)]
    [InlineData(15, 12, false)]
    [InlineData(18, 16, true)]
    [InlineData(18, 12, true)]
    [InlineData(19, 16, true)]
    [InlineData(19, 16, false)]
    public void Run_Windows_GiveOnnxRuntimesMeans(int opset, int channels, bool optimizes)
    {
        DynamicModel.SkipWiderBlocks();
        (int, int)[] windows = [(2, 1), (3, 1), (3, 2), (5, 1), (5, 3), (8, 1)];
        foreach ((int kernel, int stride) in windows)
            foreach (int counts in new[] { 0, 1 })
            {
                var model = new DynamicModel(kernel, true, opset: opset);
                int pad = kernel == 8 ? 0 : kernel / 2;
                string x = model.Graph.Node(
                    "AveragePool", [model.Conv("x", 3, channels, 3, pad: 1)],
                    Is("kernel_shape", kernel, kernel), Is("strides", stride, stride),
                    Is("pads", pad, pad, pad, pad), I("count_include_pad", counts));
                Equal(model.Graph, x, optimizes);
            }
    }

    /// <summary>What keeps blocks that a pool made, and what ends them.</summary>
    [SkippableTheory]
    [InlineData("none")]
    [InlineData("Relu")]
    [InlineData("Clip")]
    [InlineData("LeakyRelu")]
    [InlineData("Sigmoid")]
    [InlineData("HardSigmoid")]
    [InlineData("HardSwish")]
    [InlineData("Silu")]
    [InlineData("Add")]
    [InlineData("AddOther")]
    [InlineData("Mul")]
    [InlineData("MulOther")]
    [InlineData("Gate")]
    [InlineData("Concat")]
    [InlineData("ConcatOther")]
    [InlineData("Pad")]
    [InlineData("Transpose")]
    [InlineData("AveragePool")]
    [InlineData("One")]
    [InlineData("Indices")]
    [InlineData("Sequence")]
    public void Run_ChannelsBehindAPool_GiveOnnxRuntimesMeans(string between)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (int opset in new[] { 13, 15, 19 })
            foreach (int channels in new[] { 12, 16 })
            {
                var model = new DynamicModel(opset, true, opset: opset);
                string sums = model.Conv("x", 3, channels, 3, pad: 1);
                string x = Between(model, sums, channels, between);
                Equal(model.Graph, model.Graph.Node("GlobalAveragePool", [x]), optimizes: true);
            }
    }

    private static string Between(DynamicModel model, string sums, int channels, string between)
    {
        GraphBuilder graph = model.Graph;
        string x = Pool(graph, sums);
        string[] both = [x, Pool(graph, model.Relu(sums))];
        string[] other = [x, model.Conv(x, channels, channels, 3, pad: 1)];
        return between switch
        {
            "none" => x,
            "Clip" => graph.Node("Clip", [x, graph.Real(-0.5f), graph.Real(0.5f)]),
            "HardSwish" => DynamicForms.HardSwish(graph, x),
            "Silu" => graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]),
            "Add" or "Mul" => graph.Node(between, both),
            "AddOther" or "MulOther" => graph.Node(between[..3], other),
            "Gate" => graph.Node(
                "Mul", [x, graph.Node("Sigmoid", [graph.Node("GlobalAveragePool", [x])])]),
            "Concat" => graph.Node("Concat", both, I("axis", 1)),
            "ConcatOther" => graph.Node("Concat", other, I("axis", 1)),
            "Pad" => graph.Node("Pad", [x, graph.Integers(0, 0, 0, 0, 0, 0, 1, 1)]),
            "Transpose" => graph.Node(between, [x], Is("perm", 0, 1, 3, 2)),
            "AveragePool" => graph.Node(between, [x], Is("kernel_shape", 2, 2)),
            "One" => graph.Node("Mul", [x, graph.Reals([0.7f], 1, 1, 1, 1)]),
            "Sequence" => graph.Node(
                "MaxPool",
                [graph.Node("Reshape", [sums, graph.Integers(0, channels, 64)])],
                Is("kernel_shape", 2)),
            "Indices" => graph.Nodes(
                "MaxPool", [sums], 2, Is("kernel_shape", 2, 2), Is("strides", 1, 1))[0],
            _ => graph.Node(between, [x]),
        };
    }

    private static string Pool(GraphBuilder graph, string x) => graph.Node(
        "MaxPool", [x], Is("kernel_shape", 2, 2), Is("strides", 1, 1));

    private static void Equal(GraphBuilder graph, string y, bool optimizes) =>
        DynamicGraphTests.Equal(
            graph.Build(DataType.Float, [-1, 3, 8, 8], graph.Node("Flatten", [y])), new(3, 8, 8),
            10, optimizes);
}
