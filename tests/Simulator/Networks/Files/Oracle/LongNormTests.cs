using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// LayerNormalization as in <see cref="QuantizedNormTests"/>, of long rows and of several axes.
/// </summary>
public class LongNormTests
{
    private const int Channels = 16, Side = 8, Positions = Side * Side;

    /// <summary>Rows of more numbers than a channel has here, and of several axes.</summary>
    [SkippableTheory]
    [InlineData(2, 65)]
    [InlineData(2, 197)]
    [InlineData(1, 768)]
    [InlineData(3, 8, 32)]
    [InlineData(2, 3, 5, 7)]
    [InlineData(16, 1, 5)]
    public void Run_LongRowsAndSeveralAxes_GiveOnnxRuntimesNumbers(int rows, params int[] normed)
    {
        DynamicModel.SkipWiderBlocks();
        int count = normed.Aggregate((a, b) => a * b);
        long[] shape = [.. normed.Select(n => (long)n)];
        string Norm(GraphBuilder graph, string x)
        {
            var random = new Random(count);
            string Constants() => graph.Reals(
                [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() + 0.2f)], shape);
            string flat = graph.Node("Reshape", [x, graph.Integers(0, Channels * Positions)]);
            string some = graph.Node(
                "Slice",
                [
                    flat, graph.Integers(5), graph.Integers(5 + (rows * count)),
                    graph.Integers(1),
                ]);
            return graph.Node("Flatten", [graph.Node(
                "LayerNormalization",
                [
                    graph.Node("Reshape", [some, graph.Integers([0, rows, .. shape])]),
                    Constants(), Constants(),
                ],
                I("axis", -shape.Length))]);
        }

        var model = new DynamicModel(count, true, opset: 17);
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, 3, Side, Side],
            Norm(model.Graph, model.Conv("x", 3, Channels, 3, pad: 1)));
        DynamicGraphTests.Equal(file, new(3, Side, Side), 10, optimizes: true);
        DynamicGraphTests.WrittenIsTheSame(file, new(3, Side, Side), 4);
        var graph = new GraphBuilder(17);
        QuantizedIslandTests.Equal(
            graph, QuantizedIslandTests.Pair(
                graph, Norm(graph, QuantizedIslandTests.Sums(graph)), 1 / 31f, 121), 10);
        FloatNetwork network = OnnxImporter.Import(file, "f.onnx", new(3, Side, Side));
        Assert.Equal(
            2 * count,
            network.ParameterCount
                - network.Layers.Sum(l => l.Parameters.Sum(p => p.Length)));
    }
}
