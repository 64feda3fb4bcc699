using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Rows for which the last bit of ONNX Runtime's table of exponentials decides: 13 of 22.9 million
/// random ones, where the logarithm that raises the table was one of float64.
/// </summary>
public class QuantizedSoftmaxTests
{
    [Theory]
    [InlineData(0.05236201f, new[] { 47, 35, 65, 41, 159, 65, 183, 200, 243 })]
    [InlineData(0.010786343f, new[] { 46, 104, 210, 199, 152, 42, 187, 225, 163, 15 })]
    [InlineData(0.015006762f, new[] { 6, 220, 81, 201, 81, 170, 138, 39, 86, 154, 99, 181 })]
    [InlineData(
        0.054779697f,
        new[] { 238, 170, 121, 115, 255, 74, 232, 8, 218, 73, 15, 231, 75, 124, 240, 97 })]
    public void Run_Row_GivesOnnxRuntimesBytes(float scale, int[] row)
    {
        var graph = new GraphBuilder(13);
        string[] by = [graph.Real(scale), graph.Raw(DataType.Uint8, [0])];
        string[] to = [graph.Real(1 / 256f), graph.Raw(DataType.Uint8, [0])];
        string x = graph.Node("Flatten", [graph.Node("QuantizeLinear", ["x", .. by])]);
        string shares = graph.Node(
            "com.microsoft:QLinearSoftmax", [x, .. by, .. to], I("axis", -1), I("opset", 13));
        // Behind a softmax at the end there would be logits: it is each value once more.
        int[] once = new int[row.Length * row.Length];
        for (int i = 0; i < row.Length; i++) once[i * (row.Length + 1)] = 1;
        string weights = graph.Node(
            "DequantizeLinear",
            [graph.Raw(DataType.Int8, once, row.Length, row.Length), graph.Real(1)]);
        string sums = graph.Node(
            "MatMul", [graph.Node("DequantizeLinear", [shares, .. to]), weights]);
        string y = graph.Node(
            "DequantizeLinear", [graph.Node("QuantizeLinear", [sums, .. to]), .. to]);

        QuantizedGraphTests.Equal(
            graph.Build(DataType.Float, [-1, row.Length, 1, 1], y), new(row.Length), 1,
            leastDistinct: 2, pixels: [.. row.Select(r => r * scale)]);
    }

    public static TheoryData<int, string, string> Clamps()
    {
        var all = new TheoryData<int, string, string>();
        foreach (string clamp in new[] { "", "Relu", "Clip", "from 0", "below" })
            foreach (string move in new[] { "", "Transpose", "Reshape", "Flatten", "before" })
                all.Add(move == "Reshape" ? 3 : 1, clamp, move);
        return all;
    }

    /// <summary>
    /// Over rows, a clamp behind it that its pair makes up for, and what moves values behind that
    /// or between: integers, unless a Flatten is among it.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Clamps))]
    public void Run_RowsThenClamp_GiveOnnxRuntimesIntegers(int axis, string clamp, string move)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (DataType type in new[] { DataType.Uint8, DataType.Int8 })
            for (int seed = 2; seed <= 4; seed++)
            {
                var graph = new TieGraph(seed, type);
                GraphBuilder nodes = graph.Graph;
                float step = graph.Scale(1 / 256f);
                string y = nodes.Node("Softmax", [graph.Operand().Value], I("axis", axis));
                if (move == "before") y = nodes.Node("Transpose", [y], Is("perm", 0, 3, 2, 1));
                y = clamp switch
                {
                    "" => y,
                    "Relu" => nodes.Node("Relu", [y]),
                    "Clip" => nodes.Node(
                        "Clip", [y, nodes.Real(-step), nodes.Real(300 * step)]),
                    "from 0" => nodes.Node("Clip", [y, nodes.Real(0)]),
                    _ => nodes.Node("Clip", [y, "", nodes.Real(254.7f * step)]),
                };
                y = move switch
                {
                    "Transpose" => nodes.Node(move, [y], Is("perm", 0, 2, 3, 1)),
                    "Reshape" => nodes.Node(move, [y, nodes.Integers(0, 4, -1)]),
                    "Flatten" => nodes.Node(move, [y]),
                    _ => y,
                };
                // At the end there would be logits.
                y = nodes.Node("Sigmoid", [graph.Pair(y, step, graph.Zero(0, 1))]);
                byte[] file = nodes.Build(
                    DataType.Float, [-1, 8, 6, 6],
                    nodes.Node("Flatten", [graph.Pair(y, 1 / 200f, graph.Zero())]));

                DynamicGraphTests.Equal(file, TieGraph.Shape, 6, optimizes: true, 1);
                DynamicGraphTests.WrittenIsTheSame(file, TieGraph.Shape, 2, 1);
            }
    }
}
