using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators with multiply-accumulate units.</summary>
internal static class MacOperators
{
    /// <summary>Convolution of images or sequences with constant filters.</summary>
    public static void Conv(OnnxGraph graph, OnnxNode node)
    {
        node = FloatWeights.Rounded(graph, FusedNodes.Convolution(graph, node));
        OnnxValue value = graph.MaybePadded(node, 0);
        OnnxTensor weight = graph.Constant(node, 1);
        float[] weights = graph.Reals(node, 1);
        long[] kernel = Kernel(graph, node, value, weight);
        TensorShape padded = OnnxGraph.ShapeOf(value.Extents);
        WindowGeometry window = Windows.Of(graph, node, kernel, padded);
        OnnxValue inner = PadOperator.Unpadded(value);
        window = Windows.Padded(graph, node, window, value.Padding) with
        {
            Groups = graph.Size(node, "group", node.Integer("group", 1)),
        };
        int outputs = graph.Size(node, "output channels", weight.Shape[0]);
        Add(graph, node, inner, outputs, window, weights);
    }

    /// <summary>A convolution's window, on which its weights and attributes agree.</summary>
    public static long[] Kernel(
        OnnxGraph graph, OnnxNode node, OnnxValue value, OnnxTensor weight)
    {
        int dimensions = weight.Shape.Count - 2;
        if (dimensions is < 1 or > 2 || value.Rank != weight.Shape.Count)
            throw graph.Fail(
                node,
                $"its weights are {weight.ShapeText} and its input has {value.Rank} dimensions "
                    + "(supported: convolutions of one and two dimensions, 3 or 4 of each)");
        long[] kernel = [.. weight.Shape.Skip(2)];
        IReadOnlyList<long> stated = node.Integers("kernel_shape") ?? [];
        return stated.Count == 0 || stated.SequenceEqual(kernel)
            ? kernel
            : throw graph.Fail(
                node, $"kernel_shape [{Brief.List(stated)}] where its weights are "
                    + weight.ShapeText);
    }

    /// <summary>Adds a convolution, whose bias is input 2.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="value">What it reads.</param>
    /// <param name="outputs">How many channels it makes.</param>
    /// <param name="window">The window.</param>
    /// <param name="weights">Real weights, output channel by output channel.</param>
    /// <param name="turned">
    /// Of one that stands for another operator, the integers that they stand for, of the bias's,
    /// the order of its sums, and how it makes images larger; null where that is not known.
    /// </param>
    public static void Add(
        OnnxGraph graph, OnnxNode node, OnnxValue value, int outputs, WindowGeometry window,
        float[] weights,
        (Func<OnnxTensor?, OwnWeights?> Own, FloatMacOrder? Order, Resizing? Resizing)? turned
            = null)
    {
        if (OnnxGraph.Has(node, 2) && graph.Constant(node, 2) is { Shape.Count: not 1 } biases)
            throw graph.Fail(node, $"its biases are {biases.ShapeText} (supported: one dimension)");
        OnnxTensor? constant = FloatBias.Rounded(graph, node, outputs);
        float[] bias = constant is null ? new float[outputs]
            : constant.Reals ?? graph.Reals(node, 2);
        if (bias.Length != outputs)
            throw graph.Fail(node, $"{bias.Length} biases for {outputs} channels");
        int input = graph.Canonical(node, value);
        FloatMacOrder? order = turned is { Order: var given }
            ? given
            : FloatMacOrders.OfConvolution(
                graph, node, window, graph.Shape(new(input, [])), outputs, value.Rank);
        var layer = new Conv2dLayer(
            graph.Name(node), [input], outputs, window, weights, bias)
        {
            Numbers = order is { } sum
                ? new(weights, bias, weights, bias, sum)
                {
                    IsNeverOfIntegers = constant is { Raw: null },
                    HasNoSums = node.Operator == "ConvTranspose"
                        || PairTypes.HaveNoSums(graph, node),
                    TakesAddend = constant is null,
                }
                : null,
            Own = turned is { Own: var own }
                ? own(constant)
                : RawConstant.Weights(graph.Constant(node, 1), weights, 0, constant),
            Resizing = turned?.Resizing,
        };
        graph.SetMaps(node, graph.Add(node, layer), value.Rank);
    }

    /// <summary>A dense layer: <c>alpha A B + beta C</c> with constant B and C.</summary>
    public static void Gemm(OnnxGraph graph, OnnxNode node)
    {
        node = FloatWeights.Rounded(graph, node);
        bool isTransposed = node.Integer("transB", 0) != 0;
        (float alpha, float beta) = (node.Real("alpha", 1), node.Real("beta", 1));
        Dense(graph, node, isTransposed, alpha, OnnxGraph.Has(node, 2)
            ? [.. graph.Reals(node, 2).Select(b => beta * b)]
            : null);
    }

    /// <summary>
    /// A dense layer without bias: the image's features times a constant matrix and a factor.
    /// </summary>
    public static void MatMul(OnnxGraph graph, OnnxNode node, float factor) =>
        Dense(graph, node, isTransposed: false, factor, null);

    private static void Dense(
        OnnxGraph graph, OnnxNode node, bool isTransposed, float alpha, float[]? bias)
    {
        OnnxValue value = graph.Value(node, 0);
        OnnxTensor weight = graph.Constant(node, 1);
        if (value.Extents is not [1, _] || weight.Shape.Count != 2)
            throw graph.Fail(
                node,
                $"multiplies [{Brief.List(value.Extents)}] with {weight.ShapeText} "
                    + "(supported: [batch, features] with a matrix)");
        int depth = graph.Size(node, "inputs", weight.Shape[isTransposed ? 1 : 0]);
        int features = graph.Size(node, "outputs", weight.Shape[isTransposed ? 0 : 1]);
        float[] weights = graph.Reals(node, 1);
        float[] turned = new float[weights.Length];
        for (int o = 0; o < features; o++)
            for (int i = 0; i < depth; i++)
                turned[(o * depth) + i] =
                    weights[isTransposed ? (o * depth) + i : (i * features) + o];
        float[] rows = alpha == 1 ? turned : [.. turned.Select(w => alpha * w)];
        if (bias is [var one] && features > 1)
            bias = [.. Enumerable.Repeat(one, features)];
        bias ??= new float[features];
        if (bias.Length != features)
            throw graph.Fail(node, $"{bias.Length} biases for {features} outputs");
        FloatMacOrder? order = node.Operator == "MatMul"
            ? FloatMacOrders.OfMatMul(graph, node, alpha, 1, depth, features)
            : FloatMacOrders.OfGemm(graph, node, depth, features);
        int flat = graph.Canonical(node, value);
        bool isPlain = alpha == 1 && node.Real("beta", 1) == 1;
        OnnxTensor? constant = isPlain ? FloatBias.Rounded(graph, node, features) : null;
        if (constant is { Raw: not null, Reals: { } rounded }) bias = rounded;
        bool isOfNumbers = FloatMacOrders.IsOfNumbers(graph, node, constant);
        OwnWeights? own = isPlain
            ? RawConstant.Weights(weight, rows, isTransposed ? 0 : 1, constant)
            : WithFactor(graph, node, rows, alpha);
        var layer = new DenseLayer(graph.Name(node), [flat], features, rows, bias)
        {
            Numbers = order is not null || own is not null
                ? new(rows, bias, turned, bias, order)
                {
                    KeepsIntegers = !isOfNumbers,
                    Own = own,
                    IsNeverOfIntegers = isOfNumbers,
                    HasNoSums = PairTypes.HaveNoSums(graph, node),
                    TakesAddend = !OnnxGraph.Has(node, 2),
                }
                : null,
            Own = own,
        };
        graph.Add(node, layer, [1, features]);
    }

    /// <summary>
    /// The integers of a Gemm with a factor that ONNX Runtime takes to its scales: powers of two,
    /// which round nothing there. Null where it computes in float32.
    /// </summary>
    /// <exception cref="InputException">They are others, or a bias is theirs, too.</exception>
    private static OwnWeights? WithFactor(
        OnnxGraph graph, OnnxNode node, float[] rows, float alpha)
    {
        OnnxTensor weight = graph.Constant(node, 1);
        bool hasBias = OnnxGraph.Has(node, 2);
        if (node.Operator != "Gemm" || weight.Raw?.Form is not (8, _)
            || FloatMacOrders.IsOfNumbers(graph, node, null)
            || PairTypes.HaveNoSums(graph, node) || PairPaths.Number(graph, node) is null
            || (hasBias && (graph.Constant(node, 2).Raw is null || node.Real("beta", 1) != 1)))
            return null;
        if (hasBias || !float.IsPow2(alpha))
            throw graph.Fail(
                node, FormattableString.Invariant($"alpha {alpha} of integers")
                    + (hasBias ? " with a bias" : "")
                    + " (supported: 1, without a bias powers of two)");
        int axis = node.Integer("transB", 0) != 0 ? 0 : 1;
        return RawConstant.Weights(weight, rows, axis, null) is { } own
            ? own with { Scales = [.. own.Scales.Select(s => s * alpha)] }
            : null;
    }
}
