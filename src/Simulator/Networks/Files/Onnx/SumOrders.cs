using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// In which order ONNX Runtime (1.31, CPU, x64, its default optimizations) sums the float32 numbers
/// of a mean or of a product of two matrices, found out by comparing bits; tests hold it.
/// </summary>
internal static class SumOrders
{
    // MLAS sums columns in a buffer of 2048 numbers on the stack, where a row fits into it.
    private const int MostColumns = 1024;
    private const int MostColumnStride = 2;
    private const int SinceOpset = 19;

    // Products from so many multiplications on are shared out among threads.
    public const long LeastShared = 64 * 1024;

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
        ReadsBlocks(graph, node) && IsInBlocks(graph.Extents(node.Inputs[0])!)
            ? FloatSum.Rows
            : FloatSum.Lanes;

    /// <summary>Of a bilinear Resize, which takes blocks of channels where it finds them.
    /// </summary>
    public static ResizeOrder OfResize(OnnxGraph graph, OnnxNode node) =>
        ResizeOperators.KeepsBlocks(graph, node) && ReadsBlocks(graph, node)
            ? ResizeOrder.InPairs
            : ResizeOrder.InTurn;

    /// <summary>
    /// Of a BatchNormalization: one factor and one addend per channel, made of the statistics with
    /// every operation rounded; of blocks of channels they are a convolution's.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="parts">Scale, bias, mean, variance.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    public static FloatConstants OfNorm(
        OnnxGraph graph, OnnxNode node, float[][] parts, float epsilon)
    {
        bool isConvolution = ReadsBlocks(graph, node);
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

    /// <summary>
    /// Which input of a sum of two is a BatchNormalization that takes the sum over: a convolution
    /// of blocks of channels adds the other input before its own addend. -1 for none.
    /// </summary>
    public static int NormOf(OnnxGraph graph, OnnxNode sum)
    {
        if (!graph.IsDynamic) return -1;
        int norm = Array.FindIndex([.. sum.Inputs], name =>
            graph.MakerOf(name) is { Operator: "BatchNormalization" } maker
            && maker.Outputs[0] == name && !graph.Outputs.Contains(name)
            && graph.ReadersOf(name).Distinct().ToArray() is [{ Inputs: [var a, var b] }]
            && a != b);
        if (norm < 0) return -1;
        return sum.Inputs.All(i => IsInBlocks(graph, i))
            && graph.Extents(sum.Inputs[0])!.SequenceEqual(graph.Extents(sum.Inputs[1])!)
            ? norm
            : -1;
    }

    /// <summary>
    /// Of a product of an m x k matrix with a k x n one. Of one row or one column, and with no
    /// factor, ONNX Runtime has other kernels; a turned matrix (a Transpose that the optimizer
    /// takes into the product) takes their other form. Null where it may share a column out among
    /// threads, of which these kernels' last outputs depend, and of a turned first matrix that is
    /// not cut into longer panels.
    /// </summary>
    public static FloatProductSum? OfMatrices(
        OnnxGraph graph, OnnxNode node, long m, int k, int n, float factor)
    {
        bool[] isTurned =
        [
            .. node.Inputs.Select(
                input => graph.MakerOf(input) is { Operator: "Transpose" }),
        ];
        if (factor == 1 && m == 1 && !isTurned[0])
            return One(isTurned[1] ? FloatProductOrder.Lanes : FloatProductOrder.Fours);
        if (factor == 1 && n == 1 && !isTurned[1])
            return m * k >= LeastShared ? null
                : One(isTurned[0] ? FloatProductOrder.Fours : FloatProductOrder.Lanes);
        return k > FloatProductSum.Panel && isTurned[0]
            ? null
            : FloatProductSum.Of(k, n, OrderedFloat.Of(factor));

        FloatProductSum One(FloatProductOrder order) => new(k, k, OrderedFloat.Of(1f), order);
    }

    private static bool ReadsBlocks(OnnxGraph graph, OnnxNode node) =>
        IsInBlocks(graph, node.Inputs[0]);

    /// <summary>Whether a value lies in blocks of channels; all ahead of it is known.</summary>
    private static bool IsInBlocks(OnnxGraph graph, string name)
    {
        Blocks blocks = graph.Notes<Blocks>();
        for (int maker = graph.PlaceOf(name); blocks.Done <= maker; blocks.Done++)
        {
            OnnxNode node = graph.Nodes[blocks.Done];
            if (IsInBlocks(graph, node, blocks.Names)) blocks.Names.Add(node.Outputs[0]);
        }

        return blocks.Names.Contains(name);
    }

    /// <summary>Values in blocks of channels among those of the first nodes.</summary>
    private sealed class Blocks
    {
        public HashSet<string> Names { get; } = [];

        public int Done { get; set; }
    }

    /// <summary>
    /// Of a ReduceMean. Over the last axes the order depends on where rows begin in memory: known
    /// for tensors that ONNX Runtime places itself, as it does with all but the network's input.
    /// Axes side by side behind others are a product with a row of ones where there are as many
    /// slices as threads; any others are summed one by one.
    /// </summary>
    public static FloatSum? OfReduction(OnnxGraph graph, OnnxValue value, int[] axes)
    {
        if (axes[^1] - axes[0] >= axes.Length) return FloatSum.Rows;
        if (axes[^1] == value.Rank - 1)
            return IsPlaced(graph, value.Tensor) ? FloatSum.Aligned : null;
        return OnnxTensor.CountOf([.. value.Extents.Take(axes[0])]) > 1
            ? FloatSum.Fours
            : FloatSum.Rows;
    }

    /// <summary>Whether a tensor lies elsewhere than the caller's array.</summary>
    private static bool IsPlaced(OnnxGraph graph, int tensor)
    {
        while (tensor > 0 && graph.Layers[tensor - 1] is FlattenLayer flat)
            tensor = flat.Inputs[0];
        return tensor > 0;
    }

    private static bool IsInBlocks(OnnxGraph graph, OnnxNode node, HashSet<string> blocks) =>
        node.Operator switch
        {
            "MaxPool" or "AveragePool" => graph.Extents(node.Inputs[0]) is { } extents
                && IsInBlocks(extents) && node.Outputs.Count == 1,
            // What became part of a convolution is its output.
            not "Conv" when graph.IsTaken(node) => blocks.Contains(node.Inputs[0]),
            "Conv" => FloatMacOrders.IsInBlocks(graph, node),
            "Resize" or "Upsample" => ResizeOperators.KeepsBlocks(graph, node)
                && blocks.Contains(node.Inputs[0]),
            "GlobalAveragePool" or "GlobalMaxPool" => blocks.Contains(node.Inputs[0])
                && IsInBlocks(graph.Extents(node.Inputs[0])),
            "Clip" or "LeakyRelu" => blocks.Contains(node.Inputs[0])
                && IsOfConvolution(graph, node.Inputs[0], behindRelu: node.Operator == "Clip"),
            "Relu" or "Sigmoid" or "Tanh"
                or "HardSigmoid" or "HardSwish" or "Identity" or "Dropout"
                or "BatchNormalization" => blocks.Contains(node.Inputs[0]),
            "Concat" => node.Inputs.All(
                i => blocks.Contains(i) && IsInBlocks(graph.Extents(i))),
            "Mul" when IsChannelScale(graph, node, 0) => blocks.Contains(node.Inputs[1]),
            "Mul" when IsChannelScale(graph, node, 1) => blocks.Contains(node.Inputs[0]),
            "Add" or "Mul" or "Sum" => node.Inputs.All(blocks.Contains) && node.Inputs.All(
                i => graph.Extents(i) is { } extents
                    && extents.SequenceEqual(graph.Extents(node.Inputs[0])!)),
            _ => false,
        };

    /// <summary>
    /// Whether a convolution takes in what alone reads a value, with what it takes in before that.
    /// </summary>
    private static bool IsOfConvolution(OnnxGraph graph, string name, bool behindRelu)
    {
        OnnxNode? maker = graph.Maker(name);
        if (maker is { Operator: "Relu" } && behindRelu) maker = graph.Maker(maker.Inputs[0]);
        while (maker is { Operator: "BatchNormalization" }) maker = graph.Maker(maker.Inputs[0]);
        return maker is { Operator: "Conv" };
    }

    /// <summary>
    /// Whether an input is a factor of each of the other's channels, however many, which ONNX
    /// Runtime makes a convolution of.
    /// </summary>
    private static bool IsChannelScale(OnnxGraph graph, OnnxNode node, int input) =>
        graph.IsConstant(node, input)
        && graph.Constant(node, input).Shape is [1, _, 1, 1] or [_, 1, 1]
        && graph.Extents(node.Inputs[1 - input]) is { Count: 4 } extents
        && graph.Constant(node, input).Length == extents[1];

    // Of what later nodes make nothing is known yet.
    private static bool IsInBlocks(IReadOnlyList<long>? extents) =>
        extents is { Count: 4 } && extents[1] % Block == 0;
}
