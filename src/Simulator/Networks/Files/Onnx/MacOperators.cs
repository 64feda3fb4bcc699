using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators with multiply-accumulate units.</summary>
internal static class MacOperators
{
    /// <summary>Convolution of images with constant filters.</summary>
    public static void Conv(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.MaybePadded(node, 0);
        OnnxTensor weight = graph.Constant(node, 1);
        float[] weights = graph.Reals(node, 1);
        if (weight.Shape is not [var channels, _, var rows, var columns])
            throw graph.Fail(
                node,
                $"its weights are {weight.ShapeText}, where a two-dimensional convolution has four "
                    + "dimensions");
        WindowGeometry window = Windows.Of(graph, node, [rows, columns], graph.Shape(value));
        window = Windows.Padded(graph, node, window, value.Padding) with
        {
            Groups = graph.Size(node, "group", node.Integer("group", 1)),
        };
        int outputs = graph.Size(node, "output channels", channels);
        float[] bias = OnnxGraph.Has(node, 2) ? graph.Reals(node, 2) : new float[outputs];
        if (bias.Length != outputs)
            throw graph.Fail(node, $"{bias.Length} biases for {outputs} channels");
        graph.Add(
            node,
            new Conv2dLayer(graph.Name(node), [value.Tensor], outputs, window, weights, bias), 4);
    }

    /// <summary>A dense layer: <c>alpha A B + beta C</c> with constant B and C.</summary>
    public static void Gemm(OnnxGraph graph, OnnxNode node)
    {
        if (node.Integer("transA", 0) != 0) throw graph.Fail(node, "transA is not supported");
        bool isTransposed = node.Integer("transB", 0) != 0;
        (float alpha, float beta) = (node.Real("alpha", 1), node.Real("beta", 1));
        Dense(graph, node, isTransposed, alpha, OnnxGraph.Has(node, 2)
            ? [.. graph.Reals(node, 2).Select(b => beta * b)]
            : null);
    }

    /// <summary>A dense layer without bias: the image's features times a constant matrix.</summary>
    public static void MatMul(OnnxGraph graph, OnnxNode node) =>
        Dense(graph, node, isTransposed: false, 1, null);

    private static void Dense(
        OnnxGraph graph, OnnxNode node, bool isTransposed, float alpha, float[]? bias)
    {
        OnnxValue value = graph.Value(node, 0);
        OnnxTensor weight = graph.Constant(node, 1);
        if (value.Rank != 2 || weight.Shape.Count != 2)
            throw graph.Fail(
                node,
                $"multiplies {value.Rank} with {weight.Shape.Count} dimensions "
                    + "(supported: 2 with 2)");
        int depth = graph.Size(node, "inputs", weight.Shape[isTransposed ? 1 : 0]);
        int features = graph.Size(node, "outputs", weight.Shape[isTransposed ? 0 : 1]);
        float[] weights = graph.Reals(node, 1);
        var rows = new float[weights.Length];
        for (int o = 0; o < features; o++)
            for (int i = 0; i < depth; i++)
                rows[(o * depth) + i] =
                    alpha * weights[isTransposed ? (o * depth) + i : (i * features) + o];
        if (bias is [var one] && features > 1)
            bias = [.. Enumerable.Repeat(one, features)];
        bias ??= new float[features];
        if (bias.Length != features)
            throw graph.Fail(node, $"{bias.Length} biases for {features} outputs");
        OnnxValue flat = ShapeOperators.ToFlat(graph, node, value);
        graph.Add(node, new DenseLayer(graph.Name(node), [flat.Tensor], features, rows, bias), 2);
    }
}
