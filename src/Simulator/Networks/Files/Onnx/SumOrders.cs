using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// In which order ONNX Runtime (1.31, CPU, x64, its default optimizations) sums the float32 numbers
/// of a mean, found out by comparing bits; tests hold it.
/// </summary>
internal static class SumOrders
{
    // MLAS sums columns in a buffer of 2048 numbers on the stack, where a row fits into it.
    private const int MostColumns = 1024;
    private const int MostColumnStride = 2;
    private const int SinceOpset = 19;

    // Channels that lie side by side in ONNX Runtime's own layout, where pools sum row by row: 8
    // with AVX2 and 16 with AVX-512.
    private const int Block = 8;

    /// <summary>Of an AveragePool, its window as declared.</summary>
    public static FloatSum? OfWindow(OnnxGraph graph, OnnxValue value, WindowGeometry window)
    {
        if (graph.Opset >= SinceOpset) return FloatSum.Rows;
        TensorShape shape = OnnxGraph.ShapeOf(value.Extents);
        if (IsInBlocks(value.Extents)) return FloatSum.Rows;
        if (window == new WindowGeometry(shape.Rows, shape.Columns)) return FloatSum.Lanes;
        return window.StrideColumns > MostColumnStride || shape.Rows == 1 ? FloatSum.Rows
            : shape.Columns > MostColumns ? null
            : FloatSum.Columns;
    }

    /// <summary>
    /// Of a GlobalAveragePool, which takes blocks of channels where it finds them and does not make
    /// them.
    /// </summary>
    public static FloatSum OfChannel(OnnxGraph graph, OnnxNode node)
    {
        HashSet<string> blocks = [];
        foreach (OnnxNode before in graph.Nodes.TakeWhile(n => n != node))
            if (IsInBlocks(graph, before, blocks)) blocks.Add(before.Outputs[0]);
        return blocks.Contains(node.Inputs[0]) ? FloatSum.Rows : FloatSum.Lanes;
    }

    /// <summary>
    /// Of a ReduceMean, whose order depends on where rows begin in memory: known for tensors that
    /// ONNX Runtime places itself, as it does with all but the network's input.
    /// </summary>
    public static FloatSum? OfReduction(OnnxValue value, int[] axes)
    {
        bool areLast = axes.Order().SequenceEqual(
            Enumerable.Range(value.Rank - axes.Length, axes.Length));
        long rows = OnnxTensor.CountOf([.. value.Extents.Take(value.Rank - axes.Length)]);
        bool isOverWhole = value.Rank != 4 || axes.Length != 1;
        return areLast && isOverWhole && rows > 1 && value.Tensor != 0 ? FloatSum.Aligned : null;
    }

    private static bool IsInBlocks(OnnxGraph graph, OnnxNode node, HashSet<string> blocks) =>
        node.Operator switch
        {
            "MaxPool" or "AveragePool" => graph.Extents(node.Inputs[0]) is { } extents
                && IsInBlocks(extents) && node.Outputs.Count == 1,
            "GlobalAveragePool" or "GlobalMaxPool" or "Relu" or "Sigmoid" or "Tanh"
                or "HardSigmoid" or "HardSwish" or "Identity" => blocks.Contains(node.Inputs[0]),
            "Concat" => node.Inputs.All(blocks.Contains),
            "Add" or "Mul" or "Sum" => node.Inputs.All(blocks.Contains) && node.Inputs.All(
                i => graph.Extents(i)!.SequenceEqual(graph.Extents(node.Inputs[0])!)),
            _ => false,
        };

    private static bool IsInBlocks(IReadOnlyList<long> extents) =>
        extents.Count == 4 && extents[1] % Block == 0;
}
