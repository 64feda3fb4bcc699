using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// ReduceSum between two quantizers, for which ONNX Runtime's quantizer has no operator: exact sums
/// of integers, where ONNX Runtime adds float32 numbers.
/// </summary>
public class QuantizedSumTests
{
    [Theory]
    [InlineData(true, 2L, 3L)]
    [InlineData(false, 2L, 3L)]
    [InlineData(true, 1L)]
    [InlineData(false, 1L)]
    [InlineData(false, 3L)]
    [InlineData(true, 1L, 3L)]
    public void Run_SumOfQuantizedValues_GivesOnnxRuntimesNumbers(
        bool keepsAxes, params long[] axes)
    {
        long count = axes.Aggregate(1L, (all, a) => all * (a == 1 ? 3 : 8));
        var graph = new GraphBuilder(13);
        string Pair(string value, float scale, int zero)
        {
            string[] how = [graph.Real(scale), graph.Raw(DataType.Uint8, [zero])];
            return graph.Node(
                "DequantizeLinear", [graph.Node("QuantizeLinear", [value, .. how]), .. how]);
        }

        string sum = graph.Node(
            "ReduceSum", [Pair("x", 1 / 255f, 0), graph.Integers(axes)],
            I("keepdims", keepsAxes ? 1 : 0));
        string y = graph.Node("Flatten", [Pair(sum, count * 0.71f / 255, 3)]);

        QuantizedGraphTests.Equal(
            graph.Build(DataType.Float, [-1, 3, 8, 8], y), new(3, 8, 8), 50);
    }
}
