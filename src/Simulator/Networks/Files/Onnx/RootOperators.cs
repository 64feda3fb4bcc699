namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Roots, powers and quotients of values that depend on the image.</summary>
internal static class RootOperators
{
    /// <summary>A square root, a table in hardware.</summary>
    public static void Sqrt(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0))
            ConstantFolding.Each(graph, node, MathF.Sqrt);
        else
            ElementOperators.Point(graph, node, PointFunction.SquareRoot);
    }

    /// <summary>A square, which is an exact product, or a root.</summary>
    public static void Pow(OnnxGraph graph, OnnxNode node)
    {
        OnnxTensor exponent = graph.Constant(node, 1);
        double power = exponent switch
        {
            { Length: 1, Reals: [var real] } => real,
            { Length: 1, Integers: [var whole] } => whole,
            _ => throw graph.Fail(node, "its exponent is not one number"),
        };
        if (graph.IsConstant(node, 0))
        {
            ConstantFolding.Each(graph, node, v => (float)Math.Pow(v, power));
            return;
        }

        OnnxNode alone = node with { Inputs = [node.Inputs[0]] };
        switch (power)
        {
            case 1:
                graph.Set(node, graph.Value(node, 0));
                break;
            case 2:
                ElementOperators.Mul(
                    graph, node with { Inputs = [node.Inputs[0], node.Inputs[0]] });
                break;
            case 0.5:
                Sqrt(graph, alone);
                break;
            case -0.5:
                if (!FunctionPatterns.InverseRoot(graph, alone))
                    ElementOperators.Point(graph, alone, PointFunction.InverseRoot);
                break;
            case -1:
                ElementOperators.Point(graph, alone, PointFunction.Reciprocal);
                break;
            default:
                throw graph.Fail(
                    node, FormattableString.Invariant(
                        $"exponent {power} (supported: 1, 2, 0.5, -0.5, -1)"));
        }
    }

    /// <summary>A quotient by a constant.</summary>
    public static void Div(OnnxGraph graph, OnnxNode node)
    {
        if (MatrixFactors.Took(graph, node)) return;
        if (graph.IsConstant(node, 1))
            ElementOperators.Join(
                graph, node, ConstantFolding.Divide, c => 1 / c, _ => 0, null, divides: true);
        else
            Divide(graph, node);
    }

    /// <summary>
    /// A quotient: a product with the reciprocal; with the inverse root where the divisor is a
    /// root, and with what is added under it.
    /// </summary>
    public static void Divide(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue divisor = graph.Value(node, 1);
        if (graph.IsDynamic || graph.Layers.Any(l => l is FakeQuantizeLayer))
        {
            Quotient(graph, node, divisor);
            return;
        }

        (int tensor, PointFunction function, double added) = (
            divisor.Tensor, PointFunction.Reciprocal, 0.0);
        if (LayerOf(graph, tensor) is PointLayer { Function: PointFunction.SquareRoot } root)
        {
            (tensor, function) = (root.Inputs[0], PointFunction.InverseRoot);
            if (LayerOf(graph, tensor) is BatchNormLayer norm && norm.Scale.All(s => s == 1)
                && norm.Shift.All(s => s == norm.Shift[0]))
                (tensor, added) = (norm.Inputs[0], norm.Shift[0]);
        }

        OnnxNode inverse = node with { Outputs = [$"{node.Outputs[0]}/inverse"] };
        graph.Add(
            inverse, new PointLayer(graph.Name(node), [tensor], function, added),
            divisor.Extents);
        ElementOperators.Mul(
            graph, node with { Inputs = [node.Inputs[0], inverse.Outputs[0]] });
    }

    /// <summary>The same where it is one operation of float32 numbers, which is rounded once.
    /// </summary>
    private static void Quotient(OnnxGraph graph, OnnxNode node, OnnxValue divisor)
    {
        int inverse = graph.Add(
            node,
            new PointLayer(graph.Name(node), [divisor.Tensor], PointFunction.Reciprocal)
            {
                IsDivisor = true,
            });
        Broadcasting.Two(
            graph, node, graph.Value(node, 0), divisor with { Tensor = inverse },
            (name, inputs) => new MultiplyLayer(name, inputs) { Divides = true });
    }

    private static FloatLayer? LayerOf(OnnxGraph graph, int tensor) =>
        tensor > 0 ? graph.Layers[tensor - 1] : null;
}
