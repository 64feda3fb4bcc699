using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Quantized graphs whose written form ONNX Runtime could take for another.</summary>
public class QuantizedWriterTests
{
    /// <summary>
    /// Weights all of which are above their zero point, of a product each channel with its own.
    /// </summary>
    [SkippableTheory]
    [InlineData("Conv")]
    [InlineData("MatMul")]
    public void Write_WeightsFarFromTheirZeroPoint_RunsTheSame(string type)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (int least in (int[])[0, 40, 190])
        {
            var nodes = new GraphBuilder(13);
            string x = QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0);
            int[] raw = [.. Enumerable.Range(0, 6 * 4).Select(i => least + (i * 13 % 64))];
            bool isConv = type == "Conv";
            int[] zeros = isConv ? [5] : [0, 60, 100, 255];
            string weights = nodes.Node(
                "DequantizeLinear",
                [
                    nodes.Raw(DataType.Uint8, raw, isConv ? [4, 6, 1, 1] : [6, 4]),
                    isConv ? nodes.Reals([1 / 128f]) : nodes.Reals([.01f, .02f, .03f, .01f], 4),
                    nodes.Raw(DataType.Uint8, zeros, isConv ? [] : [4]),
                ],
                isConv ? [] : [I("axis", 1)]);
            string y = nodes.Node(type, [x, weights]);
            int[] shape = isConv ? [6, 3, 3] : [6];
            QuantizedMixTests.Same(
                QuantizedMixTests.Ended(
                    nodes, QuantizedIslandTests.Pair(nodes, y, 1 / 40f, 100), shape),
                shape);
        }
    }

    /// <summary>
    /// Numbers times a matrix that is made of integers and is not turned, ahead of a clamp.
    /// </summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_OneRowTimesAMatrixMadeOfIntegers_RunsTheSame(bool hasBias)
    {
        DynamicModel.SkipWiderBlocks();
        var model = new FloatMacModel(7, Weighting.Made);
        GraphBuilder nodes = model.Graph;
        string x = nodes.Node("Flatten", [model.Numbers(75)]);
        string y = hasBias
            ? model.Gemm(x, 150, 9, isTurned: false)
            : nodes.Node("MatMul", [x, model.Weights([150, 9], axis: 1)]);
        int[] shape = [75, 1, 2];
        QuantizedMixTests.Same(
            QuantizedMixTests.Ended(nodes, nodes.Node("Relu", [y]), shape), shape);
    }

    /// <summary>Pairs in a row between which values are moved, and a square of int8.</summary>
    [SkippableTheory]
    [InlineData("Slice")]
    [InlineData("Split")]
    [InlineData("Concat")]
    [InlineData("square")]
    public void Write_OtherScaleBehind_RunsTheSame(string type)
    {
        DynamicModel.SkipWiderBlocks();
        for (int seed = 1; seed <= 6; seed++)
        {
            var graph = new TieGraph(seed, DataType.Int8);
            GraphBuilder nodes = graph.Graph;
            (string x, float scale) = graph.Operand();
            string y = type switch
            {
                "Slice" => nodes.Node(
                    type, [x, nodes.Integers(1), nodes.Integers(4), nodes.Integers(3)]),
                "Split" => nodes.Nodes(type, [x, nodes.Integers(2, 6)], 2, I("axis", 1))[0],
                "Concat" => nodes.Node(type, [x, graph.Operand().Value], I("axis", 1)),
                _ => nodes.Node("Mul", [x, x]),
            };
            string pair = graph.Pair(y, graph.Scale(scale * 1.3f), graph.Zero(90, 160));
            string both = nodes.Node(
                "Concat",
                [nodes.Node("Flatten", [pair]), nodes.Node("Flatten", [nodes.Node("Mul", [
                    pair, pair])])],
                I("axis", 1));
            DynamicGraphTests.WrittenIsTheSame(
                nodes.Build(DataType.Float, [-1, 8, 6, 6], both), TieGraph.Shape, 4, 1);
        }
    }
}
