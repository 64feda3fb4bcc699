namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>The one list of ONNX operators that QSim reads.</summary>
internal static class OnnxOperators
{
    private static readonly Dictionary<string, Action<OnnxGraph, OnnxNode>> All = new()
    {
        ["Conv"] = MacOperators.Conv,
        ["Gemm"] = MacOperators.Gemm,
        ["MatMul"] = MacOperators.MatMul,
        ["Relu"] = (g, n) =>
            g.Add(n, new ReluLayer(g.Name(n), [g.Value(n, 0).Tensor]), g.Value(n, 0).Rank),
        ["Sigmoid"] = (g, n) =>
            g.Add(n, new SigmoidLayer(g.Name(n), [g.Value(n, 0).Tensor]), g.Value(n, 0).Rank),
        ["Tanh"] = (g, n) =>
            g.Add(n, new TanhLayer(g.Name(n), [g.Value(n, 0).Tensor]), g.Value(n, 0).Rank),
        ["Clip"] = ElementOperators.Clip,
        ["Softmax"] = ElementOperators.LastOnly,
        ["LogSoftmax"] = ElementOperators.LastOnly,
        ["BatchNormalization"] = ElementOperators.BatchNormalization,
        ["Add"] = ElementOperators.Add,
        ["Sub"] = ElementOperators.Sub,
        ["Mul"] = ElementOperators.Mul,
        ["Div"] = ElementOperators.Div,
        ["MaxPool"] = PoolOperators.Max,
        ["AveragePool"] = PoolOperators.Average,
        ["GlobalMaxPool"] = PoolOperators.GlobalMax,
        ["GlobalAveragePool"] = PoolOperators.GlobalAverage,
        ["ReduceMean"] = PoolOperators.ReduceMean,
        ["Flatten"] = ShapeOperators.Flatten,
        ["Reshape"] = ShapeOperators.Reshape,
        ["Pad"] = ShapeOperators.Pad,
        ["Squeeze"] = ShapeOperators.Squeeze,
        ["Unsqueeze"] = ShapeOperators.Unsqueeze,
        ["Transpose"] = ShapeOperators.Transpose,
        ["Concat"] = ShapeOperators.Concat,
        ["Identity"] = ShapeOperators.Same,
        ["Dropout"] = ShapeOperators.Same,
        ["Cast"] = ShapeOperators.Same,
        ["Constant"] = ConstantOperators.Constant,
        ["Shape"] = ConstantOperators.Shape,
        ["Gather"] = ConstantOperators.Gather,
        ["Slice"] = ConstantOperators.Slice,
    };

    /// <summary>Adds what a node does.</summary>
    /// <exception cref="InputException">QSim cannot do it.</exception>
    public static void Add(OnnxGraph graph, OnnxNode node)
    {
        if (!All.TryGetValue(node.Operator, out var add))
        {
            throw graph.Fail(
                node,
                "this operator is not supported (supported: "
                    + $"{string.Join(", ", All.Keys.Order(StringComparer.Ordinal))})");
        }

        if (node.Outputs.Count == 0) throw graph.Fail(node, "it has no output");
        add(graph, node);
    }
}
