namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// A constant where something that depends on the image is needed: a class token, an addend that
/// was quantized by itself.
/// </summary>
internal static class ConstantTensor
{
    /// <summary>Whether a constant has integers of its own, with one scale.</summary>
    public static bool IsQuantized(OnnxTensor constant) =>
        constant is { Raw: { HasOwnScale: false, Scales: [_], Form.Bits: <= 16 } raw }
        && ReferenceEquals(raw.Reals, constant.Reals);

    /// <summary>
    /// Whether a constant operand of a node stands for a tensor: it was quantized, and so was what
    /// it meets, so that both go into a unit of two operands.
    /// </summary>
    public static bool IsOperand(OnnxGraph graph, OnnxNode node, int constant, int other)
    {
        if (!IsQuantized(graph.Constant(node, constant))) return false;
        int tensor = graph.Value(node, other).Tensor;
        while (tensor > 0 && graph.Layers[tensor - 1] is RearrangeLayer or FlattenLayer
            or MaxPool2dLayer)
            tensor = graph.Layers[tensor - 1].Inputs[0];
        return tensor > 0 && graph.Layers[tensor - 1] is FakeQuantizeLayer;
    }

    /// <summary>
    /// The values of a quantized constant: a dense layer with weights of 0, whose biases they
    /// are, and their own format behind it.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">For names and messages.</param>
    /// <param name="constant">The constant.</param>
    /// <param name="like">
    /// Any value of the image: its first element is what the layer reads.
    /// </param>
    public static OnnxValue Quantized(
        OnnxGraph graph, OnnxNode node, OnnxTensor constant, OnnxValue like)
    {
        RawConstant own = constant.Raw!;
        int features = constant.Length;
        (int from, float of) = Quantizer(graph, like.Tensor);
        OnnxValue one = graph.Rearranged(
            node,
            from == like.Tensor ? like : new(from, [1, graph.Shape(new(from, [])).Length]),
            [1, 1], [0]);
        float[] weights = new float[features];
        string name = graph.Name(node);
        // The sums have the constant's own step, whatever the image's is.
        float step = own.Scales[0] / of;
        int values = graph.Add(node, new DenseLayer(
            name, [one.Tensor], features, weights, constant.Reals!)
        {
            Own = new(
                weights, [.. new int[features]], [.. Enumerable.Repeat(step, features)], 1, false,
                [.. own.Values.Select(v => v - own.ZeroPoints[0])]),
        });
        (int bits, bool isSigned) = own.Form!.Value;
        int tensor = graph.Add(node, new FakeQuantizeLayer(
            graph.Name(node), [values],
            RawConstant.Quantizer(own.Scales[0], (int)own.ZeroPoints[0], bits, isSigned)));
        long[] extents =
            constant.Shape is [1, ..] ? [.. constant.Shape] : [1, .. constant.Shape];
        return new(tensor, extents);
    }

    /// <summary>
    /// What a quantizer ahead of a value writes whose step is the same on all profiles, and that
    /// step; the value itself and 1 where there is none.
    /// </summary>
    private static (int Tensor, float Step) Quantizer(OnnxGraph graph, int tensor)
    {
        for (int at = tensor; at > 0; at = graph.Layers[at - 1].Inputs[0])
            if (graph.Layers[at - 1] is FakeQuantizeLayer
                {
                    Optimized: null, Quantizer.Scale.Step: var step,
                })
                return (at, (float)step);
        return (tensor, 1);
    }
}
