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
}
