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
    public static FloatSum OfChannel(OnnxGraph graph, OnnxNode node) =>
        ReadsBlocks(graph, node) ? FloatSum.Rows : FloatSum.Lanes;

    /// <summary>
    /// Of a BatchNormalization: one factor and one addend per channel, made of the statistics with
    /// every operation rounded; of blocks of channels they are a convolution's.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="parts">Scale, bias, mean, variance.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <returns>
    /// Null where such a convolution takes over the sum behind it, and adds its own addend last.
    /// </returns>
    public static FloatConstants? OfNorm(
        OnnxGraph graph, OnnxNode node, float[][] parts, float epsilon)
    {
        bool isConvolution = ReadsBlocks(graph, node);
        if (isConvolution && graph.Nodes.Any(n =>
            n.Operator is "Add" or "Sum" && n.Inputs.Contains(node.Outputs[0]))) return null;
        float[] factors =
        [
            .. parts[0].Zip(parts[3], (scale, variance) => isConvolution
                ? scale / MathF.Sqrt(variance + epsilon)
                : 1 / MathF.Sqrt(variance + epsilon) * scale),
        ];
        return new(
            false, factors,
            [.. parts[1].Select((bias, c) => bias - (parts[2][c] * factors[c]))]);
    }

    private static bool ReadsBlocks(OnnxGraph graph, OnnxNode node)
    {
        HashSet<string> blocks = [];
        foreach (OnnxNode before in graph.Nodes.TakeWhile(n => n != node))
            if (IsInBlocks(graph, before, blocks)) blocks.Add(before.Outputs[0]);
        return blocks.Contains(node.Inputs[0]);
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
                or "HardSigmoid" or "HardSwish" or "Identity" or "Dropout"
                or "BatchNormalization" => blocks.Contains(node.Inputs[0]),
            "Concat" => node.Inputs.All(blocks.Contains),
            "Mul" when IsChannelScale(graph, node, 0) => blocks.Contains(node.Inputs[1]),
            "Mul" when IsChannelScale(graph, node, 1) => blocks.Contains(node.Inputs[0]),
            "Add" or "Mul" or "Sum" => node.Inputs.All(blocks.Contains) && node.Inputs.All(
                i => graph.Extents(i)!.SequenceEqual(graph.Extents(node.Inputs[0])!)),
            _ => false,
        };

    /// <summary>
    /// Whether an input is a factor of each channel, which ONNX Runtime makes a convolution of.
    /// </summary>
    private static bool IsChannelScale(OnnxGraph graph, OnnxNode node, int input) =>
        graph.IsConstant(node, input)
        && graph.Constant(node, input).Shape is [1, _, 1, 1] or [_, 1, 1]
        && graph.Constant(node, input).Length % Block == 0;

    private static bool IsInBlocks(IReadOnlyList<long> extents) =>
        extents.Count == 4 && extents[1] % Block == 0;
}
