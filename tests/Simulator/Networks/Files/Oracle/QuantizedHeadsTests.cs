using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Queries, keys and values of one product, which transformers turn to the front and take apart:
/// ONNX Runtime's quantizer puts pairs on the way.
/// </summary>
public class QuantizedHeadsTests
{
    /// <summary>
    /// ONNX Runtime's optimizations, which its quantizer wants first, split ahead of turning.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_PartsOfATurnedBatchBetweenPairs_GiveOnnxRuntimesNumbers(bool isSplitFirst)
    {
        var graph = new GraphBuilder(13);
        string Pair(string value, float scale)
        {
            string[] by = [graph.Real(scale), graph.Raw(DataType.Uint8, [7])];
            return graph.Node(
                "DequantizeLinear", [graph.Node("QuantizeLinear", [value, .. by]), .. by]);
        }

        string Moved(string value) => Pair(value, 1 / 240f);
        string Turned(string value) =>
            Moved(graph.Node("Transpose", [value], Is("perm", 2, 0, 1, 3)));
        string whole = graph.Node(
            "Reshape", [Pair("x", 1 / 240f), graph.Integers(0, 8, 3, 8)]);
        string[] split = isSplitFirst
            ? [.. graph.Nodes("Split", [Moved(whole)], 3, I("axis", 2)).Select(
                p => Turned(Moved(p)))]
            : [.. graph.Nodes("Split", [Turned(whole)], 3, I("axis", 0)).Select(Moved)];
        string[] parts =
            [.. split.Select(p => graph.Node("Squeeze", [p, graph.Integers(0)]))];
        string sum = Pair(graph.Node("Add", [Moved(parts[2]), Moved(parts[0])]), 1 / 120f);
        string all = Pair(graph.Node("Add", [sum, Moved(parts[1])]), 1 / 77f);
        string y = Pair(graph.Node("ReduceSum", [all, graph.Integers(2)]), 1 / 13f);

        QuantizedGraphTests.Equal(
            graph.Build(DataType.Float, [-1, 3, 8, 8], graph.Node("Flatten", [y])),
            new(3, 8, 8), 50, isOneByOne: true);
    }
}
