namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// ConvInteger and MatMulInteger of what a QuantizeLinear with a constant scale made: sums without
/// a scale, which a Cast and products with constants make real.
/// </summary>
internal static class IntegerOperators
{
    /// <summary>A convolution of raw values: x, w, their zero points.</summary>
    public static void Conv(OnnxGraph graph, OnnxNode node) =>
        Sums(graph, node, MacOperators.Conv, axis: 0);

    /// <summary>A product of raw values with a constant matrix: A, B, their zero points.</summary>
    public static void MatMul(OnnxGraph graph, OnnxNode node) =>
        Sums(graph, node, MatrixOperators.MatMul, axis: 1);

    /// <summary>
    /// Where x means <c>s (raw - zero)</c>, weights of <c>(raw - zero) / s</c> make sums of
    /// integers.
    /// </summary>
    private static void Sums(
        OnnxGraph graph, OnnxNode node, Action<OnnxGraph, OnnxNode> add, int axis)
    {
        if (graph.Raw(node.Inputs[0]) is not { } x)
            throw graph.Fail(
                node, "its input is not what a QuantizeLinear with a constant scale, or a "
                    + "DynamicQuantizeLinear, made");
        long zero = OnnxGraph.Has(node, 2) ? graph.Integer(node, 2) : 0;
        if (zero != x.Scale.ZeroPoint)
            throw graph.Fail(
                node, $"zero point {zero} of what has {x.Scale.ZeroPoint} in its QuantizeLinear");
        OnnxTensor weights = graph.Constant(node, 1);
        IReadOnlyList<long> raw = graph.Integers(node, 1);
        long[] zeros = OnnxGraph.Has(node, 3) ? [.. graph.Integers(node, 3)] : [0];
        if (zeros.Length != 1
            && (weights.Shape.Count <= axis || zeros.Length != weights.Shape[axis]))
            throw graph.Fail(node, $"{zeros.Length} zero points for {weights.ShapeText}");
        float scale = 1 / (float)x.Scale.Step;
        long inner = OnnxTensor.CountOf([.. weights.Shape.Skip(axis + 1)]);
        float[] reals =
        [
            .. raw.Select((r, i) =>
                (r - zeros[zeros.Length == 1 ? 0 : i / inner % zeros.Length]) * scale),
        ];
        string name = $"{node.Outputs[0]}/weights";
        graph.Set(
            node with { Outputs = [name] },
            new OnnxTensor("", weights.Shape, reals, null)
            {
                Raw = new(
                    reals, raw, [.. zeros.Select(_ => scale)], zeros, axis,
                    RawConstant.Format(weights.Type)),
            });
        add(graph, node with { Inputs = [node.Inputs[0], name] });
    }
}
