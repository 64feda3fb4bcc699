namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Functions that are several operators, of a value that was quantized: between two quantizers they
/// are one table. Of other values each operator stays a layer of its own.
/// </summary>
internal static class FunctionPatterns
{
    /// <summary>Adds <c>x Sigmoid(A x)</c> where a product is that of a quantized x.</summary>
    public static bool Silu(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0) || graph.IsConstant(node, 1)) return false;
        OnnxValue left = graph.Value(node, 0), right = graph.Value(node, 1);
        foreach ((OnnxValue x, OnnxValue gate) in new[] { (left, right), (right, left) })
        {
            if (!IsQuantized(graph, x) || !x.Extents.SequenceEqual(gate.Extents)
                || LayerOf(graph, gate.Tensor) is not SigmoidLayer sigmoid) continue;
            int of = sigmoid.Inputs[0];
            double factor = 1;
            if (of != x.Tensor)
            {
                if (LayerOf(graph, of) is not BatchNormLayer norm || norm.Inputs[0] != x.Tensor
                    || norm.Shift.Any(s => s != 0) || norm.Scale.Any(s => s != norm.Scale[0]))
                    continue;
                factor = norm.Scale[0];
            }

            graph.Add(
                node, new PointLayer(graph.Name(node), [x.Tensor], PointFunction.Silu, factor),
                x.Extents);
            return true;
        }

        return false;
    }

    /// <summary>Adds <c>(x + A)^-0.5</c> where a power is that of a quantized x.</summary>
    public static bool InverseRoot(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        if (LayerOf(graph, value.Tensor) is not BatchNormLayer norm
            || LayerOf(graph, norm.Inputs[0]) is not FakeQuantizeLayer
            || norm.Scale.Any(s => s != 1) || norm.Shift.Any(s => s != norm.Shift[0]))
            return false;
        graph.Add(
            node,
            new PointLayer(
                graph.Name(node), [norm.Inputs[0]], PointFunction.InverseRoot, norm.Shift[0]),
            value.Extents);
        return true;
    }

    private static bool IsQuantized(OnnxGraph graph, OnnxValue value) =>
        LayerOf(graph, value.Tensor) is FakeQuantizeLayer;

    private static FloatLayer? LayerOf(OnnxGraph graph, int tensor) =>
        tensor > 0 ? graph.Layers[tensor - 1] : null;
}
