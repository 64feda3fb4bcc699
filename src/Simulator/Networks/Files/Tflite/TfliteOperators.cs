using QSim.Kernels.Datapath;
using Kind = (
    string Name, System.Action<
        QSim.Simulator.Networks.Files.Tflite.TfliteGraph,
        QSim.Simulator.Networks.Files.Tflite.TfliteOperator> Add);

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Operators of TensorFlow Lite by their numbers in its schema.</summary>
internal static class TfliteOperators
{
    /// <summary>
    /// What leaves logits as they are in their order, at the end of a network: a softmax does over
    /// all of them.
    /// </summary>
    public static bool IsEnding(TfliteOperator node, TfliteTensor input) =>
        node.Code == Dequantize
        || (node.Code == Softmax && input.Shape is [_, .. var before, _]
            && before.All(e => e == 1));

    /// <summary>What gives values other extents and keeps their order.</summary>
    public static bool IsReshape(int code) => code is Reshape or Squeeze or ExpandDimensions;

    public const int Reshape = 22;

    public const int Transpose = 39;

    public const int Quantize = 114;

    private const int Softmax = 25;
    private const int Dequantize = 6;
    private const int Squeeze = 43;
    private const int ExpandDimensions = 70;

    /// <summary>Every operator that is read.</summary>
    public static IReadOnlyDictionary<int, Kind> All { get; } = new Dictionary<int, Kind>
    {
        [0] = ("ADD", TfliteJoins.Add),
        [1] = ("AVERAGE_POOL_2D", (g, n) => Pool(g, n, isMax: false)),
        [2] = ("CONCATENATION", TfliteJoins.Concatenation),
        [3] = ("CONV_2D", TfliteMac.Convolution),
        [4] = ("DEPTHWISE_CONV_2D", TfliteMac.Depthwise),
        [Dequantize] = ("DEQUANTIZE", TfliteConstants.Dequantize),
        [5] = ("DEPTH_TO_SPACE", TfliteMoves.DepthToSpace),
        [9] = ("FULLY_CONNECTED", TfliteMac.Dense),
        [14] = ("LOGISTIC", (g, n) => TfliteFunctions.Add(g, n, (m, i) => new SigmoidLayer(m, i))),
        [17] = ("MAX_POOL_2D", (g, n) => Pool(g, n, isMax: true)),
        [18] = ("MUL", TfliteJoins.Multiply),
        [19] = ("RELU", (g, n) => TfliteFunctions.Add(g, n, (m, i) => new ReluLayer(m, i))),
        [20] = ("RELU_N1_TO_1", TfliteFunctions.Point(PointFunction.Clip, -1, 1)),
        [21] = ("RELU6", TfliteFunctions.Point(PointFunction.Clip, 0, 6)),
        [Reshape] = ("RESHAPE", TfliteMoves.Reshape),
        [Softmax] = ("SOFTMAX", SoftmaxOf),
        [26] = ("SPACE_TO_DEPTH", TfliteMoves.SpaceToDepth),
        [28] = ("TANH", (g, n) => TfliteFunctions.Add(g, n, (m, i) => new TanhLayer(m, i))),
        [34] = ("PAD", TfliteMoves.Pad),
        [Transpose] = ("TRANSPOSE", TfliteMoves.Transpose),
        [40] = ("MEAN", Mean),
        [41] = ("SUB", TfliteJoins.Subtract),
        [Squeeze] = ("SQUEEZE", TfliteMoves.Reshape),
        [45] = ("STRIDED_SLICE", TfliteSlices.StridedSlice),
        [49] = ("SPLIT", TfliteSlices.Split),
        [55] = ("MAXIMUM", (g, n) => TfliteFunctions.Bound(g, n, isLow: true)),
        [57] = ("MINIMUM", (g, n) => TfliteFunctions.Bound(g, n, isLow: false)),
        [65] = ("SLICE", TfliteSlices.Slice),
        [ExpandDimensions] = ("EXPAND_DIMS", TfliteMoves.Reshape),
        [82] = ("REDUCE_MAX", ReduceMax),
        [97] = ("RESIZE_NEAREST_NEIGHBOR", TfliteMoves.ResizeNearest),
        [98] = ("LEAKY_RELU", TfliteFunctions.LeakyRelu),
        [100] = ("MIRROR_PAD", TfliteMoves.MirrorPad),
        [101] = ("ABS", TfliteFunctions.Point(PointFunction.Abs)),
        [102] = ("SPLIT_V", TfliteSlices.SplitListed),
        [111] = ("ELU", TfliteFunctions.Point(PointFunction.Elu, 1)),
        [Quantize] = ("QUANTIZE", Converted),
        [117] = ("HARD_SWISH", TfliteFunctions.Point(PointFunction.HardSwish)),
        [150] = ("GELU", TfliteFunctions.Gelu),
        [152] = ("RELU_0_TO_1", TfliteFunctions.Point(PointFunction.Clip, 0, 1)),
    };

    /// <summary>The name of an operator, or its number.</summary>
    public static string Name(TfliteOperator node) =>
        All.TryGetValue(node.Code, out Kind known) ? known.Name
        : node.Custom.Length > 0 ? Brief.Name(node.Custom)
        : TfliteNames.Others.GetValueOrDefault(node.Code, $"operator number {node.Code}");

    /// <summary>The name of an operator's layer.</summary>
    public static string LayerName(TfliteOperator node) =>
        $"{Name(node).ToLowerInvariant()}_{node.Index}";

    private static void Pool(TfliteGraph graph, TfliteOperator node, bool isMax)
    {
        TfliteValue value = graph.Value(node, 0);
        WindowGeometry window = TfliteMac.Window(
            graph.Shape(value), node.Option(4), node.Option(3), node.Option(0, 1),
            (node.Option(2), node.Option(1)), (1, 1));
        string name = LayerName(node);
        graph.Finish(
            node,
            graph.Emit(isMax
                ? new MaxPool2dLayer(name, [value.Index], window)
                : new AveragePool2dLayer(name, [value.Index], window)
                {
                    Form = AverageForm.Pool,
                }),
            node.Option(5, 1), moves: true);
    }

    private static void Mean(TfliteGraph graph, TfliteOperator node) => graph.Finish(
        node,
        graph.Emit(new AveragePool2dLayer(
            LayerName(node), [graph.Value(node, 0).Index], Whole(graph, node))
        {
            Form = node.Option(0, 1) != 0 ? AverageForm.KeptMean : AverageForm.Mean,
        }),
        0);

    private static void ReduceMax(TfliteGraph graph, TfliteOperator node) => graph.Finish(
        node,
        graph.Emit(new MaxPool2dLayer(
            LayerName(node), [graph.Value(node, 0).Index], Whole(graph, node))),
        0, moves: true);

    /// <summary>A window over all rows and columns, which is what an operator reduces.</summary>
    private static WindowGeometry Whole(TfliteGraph graph, TfliteOperator node)
    {
        TfliteValue value = graph.Value(node, 0);
        long[] axes =
            [.. graph.Indices(node, 1).Select(a => a < 0 ? a + 4 : a).Order()];
        if (value.Extents.Length != 3 || axes is not [1, 2])
            throw graph.Fail(node, "is not over rows and columns of an image (supported: that)");
        TensorShape shape = graph.Shape(value);
        return new(shape.Rows, shape.Columns, shape.Rows, shape.Columns);
    }

    private static void SoftmaxOf(TfliteGraph graph, TfliteOperator node)
    {
        if (node.Options?.Real(0) is { } beta && beta != 1)
            throw graph.Fail(
                node, FormattableString.Invariant($"its beta is {beta} (supported: 1)"));
        TfliteFunctions.Add(graph, node, (m, i) => new SoftmaxLayer(m, i));
    }

    private static void Converted(TfliteGraph graph, TfliteOperator node)
    {
        TfliteValue value = graph.Value(node, 0);
        if (graph.Quantizer(node, node.Outputs[0]) is not { } quantizer)
            throw graph.Fail(node, "makes float32");
        graph.Set(node.Outputs[0], new(
            graph.Emit(new FakeQuantizeLayer(LayerName(node), [value.Index], quantizer)),
            value.Extents));
    }
}
