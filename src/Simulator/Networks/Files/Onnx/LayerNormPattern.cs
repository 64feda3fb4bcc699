namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// LayerNormalization of several operators, as exporters wrote it before opset 17, of values that a
/// quantized network leaves in float32: ONNX Runtime's default optimizations make one operator of
/// it, with sums of its own.
/// </summary>
/// <param name="graph">The graph.</param>
internal sealed class LayerNormPattern(OnnxGraph graph)
{
    /// <summary>
    /// The operator that a sum is the last of: <c>(x - mean(x)) / sqrt(mean((x - mean(x))^2) +
    /// epsilon) scale + bias</c> over the last axis, all between read by nothing else; null of
    /// other sums.
    /// </summary>
    public OnnxNode? Of(OnnxNode sum)
    {
        foreach (int i in (int[])[0, 1])
            if (IsOfFeatures(sum, 1 - i) && Alone(sum, i, "Mul") is { } product)
                foreach (int j in (int[])[0, 1])
                    if (IsOfFeatures(product, 1 - j)
                        && Alone(product, j, "Div") is { } quotient
                        && Unit(quotient) is var (x, epsilon))
                        return sum with
                        {
                            Inputs = [x, product.Inputs[1 - j], sum.Inputs[1 - i]],
                            Attributes = new Dictionary<string, OnnxAttribute>
                            {
                                ["epsilon"] = new("epsilon", 0, epsilon, "", [], null),
                            },
                        };
        return null;
    }

    private (string X, float Epsilon)? Unit(OnnxNode quotient)
    {
        if (Alone(quotient, 1, "Sqrt") is not { } root || Alone(root, 0, "Add") is not { } sum)
            return null;
        int addend = graph.IsConstant(sum, 1) ? 1 : 0;
        if (!graph.IsConstant(sum, addend)
            || graph.Constant(sum, addend).Reals is not [var epsilon]
            || Alone(sum, 1 - addend, "ReduceMean") is not { } variance || !IsOfLast(variance)
            || Alone(variance, 0, "Pow") is not { } square
            || !graph.IsConstant(square, 1) || graph.Constant(square, 1).Reals is not [2f]
            || !OnnxGraph.Has(quotient, 0) || square.Inputs[0] != quotient.Inputs[0]
            || graph.Maker(quotient.Inputs[0], readers: 2) is not { Operator: "Sub" } centred
            || Alone(centred, 1, "ReduceMean") is not { } mean || !IsOfLast(mean)
            || mean.Inputs[0] != centred.Inputs[0])
            return null;
        return (mean.Inputs[0], epsilon);
    }

    /// <summary>ONNX Runtime's optimizer wants factors and addends of one axis.</summary>
    private bool IsOfFeatures(OnnxNode node, int input) =>
        graph.IsConstant(node, input) && graph.Constant(node, input).Shape.Count == 1;

    private bool IsOfLast(OnnxNode mean) =>
        OnnxGraph.Has(mean, 0) && graph.Integers(mean, 1, "axes") is [var axis]
        && mean.Integer("keepdims", 1) == 1
        && graph.Extents(mean.Inputs[0]) is { } extents
        && graph.Axis(mean, axis, extents.Count) == extents.Count - 1;

    private OnnxNode? Alone(OnnxNode node, int input, string type) =>
        OnnxGraph.Has(node, input) && graph.Maker(node.Inputs[input]) is { } maker
        && maker.Operator == type
            ? maker
            : null;
}
