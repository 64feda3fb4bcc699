namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators on each element by itself, and sums of two tensors.</summary>
internal static class ElementOperators
{
    /// <summary>Clipping from 0 on, which is a ReLU.</summary>
    public static void Clip(OnnxGraph graph, OnnxNode node)
    {
        float min = Bound(graph, node, 1, "min", float.NegativeInfinity);
        float max = Bound(graph, node, 2, "max", float.PositiveInfinity);
        if (min != 0 || max < float.MaxValue)
        {
            throw graph.Fail(
                node,
                FormattableString.Invariant(
                    $"clips to {min}..{max}")
                + " (supported: from 0 without an upper bound, as a ReLU; there is no ReLU6)");
        }

        graph.Add(
            node, new ReluLayer(graph.Name(node), [graph.Value(node, 0).Tensor]),
            graph.Value(node, 0).Rank);
    }

    /// <summary>
    /// A softmax at the end, which is left out: the largest logit stays the largest.
    /// </summary>
    public static void LastOnly(OnnxGraph graph, OnnxNode node)
    {
        if (node.Outputs[0] != graph.Outputs[0])
            throw graph.Fail(
                node,
                "is supported as the last node only, where it is left out: attacks want logits");
        graph.Set(node, graph.Value(node, 0));
    }

    /// <summary>Batch normalisation with constant statistics.</summary>
    public static void BatchNormalization(OnnxGraph graph, OnnxNode node)
    {
        if (node.Integer("training_mode", 0) != 0)
            throw graph.Fail(
                node, "is in training mode: export the network for inference (model.eval())");
        OnnxValue value = graph.Value(node, 0);
        int channels = graph.Shape(value).Channels;
        float[][] parts = [.. Enumerable.Range(1, 4).Select(i => graph.Reals(node, i))];
        if (parts.Any(p => p.Length != channels))
            throw graph.Fail(node, $"its constants do not have {channels} values each");
        graph.Add(
            node,
            BatchNormLayer.FromStatistics(
                graph.Name(node), [value.Tensor], parts[0], parts[1], parts[2], parts[3],
                node.Real("epsilon", 1e-5f)),
            value.Rank);
    }

    /// <summary>A residual connection, or a constant per channel.</summary>
    public static void Add(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0) || graph.IsConstant(node, 1))
        {
            Scale(graph, node, _ => 1, c => c);
            return;
        }

        (OnnxValue left, OnnxValue right) = (graph.Value(node, 0), graph.Value(node, 1));
        graph.Add(node, new AddLayer(graph.Name(node), [left.Tensor, right.Tensor]), left.Rank);
    }

    /// <summary>A constant per channel less, or what is less than a constant.</summary>
    public static void Sub(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0)) Scale(graph, node, _ => -1, c => c);
        else Scale(graph, node, _ => 1, c => -c);
    }

    /// <summary>A constant factor per channel.</summary>
    public static void Mul(OnnxGraph graph, OnnxNode node) => Scale(graph, node, c => c, _ => 0);

    /// <summary>A constant divisor per channel.</summary>
    public static void Div(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0))
            throw graph.Fail(
                node, "divides a constant by something (supported: something by a constant)");
        Scale(graph, node, c => 1 / c, _ => 0);
    }

    /// <summary>
    /// <c>y = scale(c) x + shift(c)</c>, which folds into the layer before like a batch
    /// normalisation.
    /// </summary>
    private static void Scale(
        OnnxGraph graph, OnnxNode node, Func<double, double> scale, Func<double, double> shift)
    {
        int constant = graph.IsConstant(node, 1) ? 1 : 0;
        if (!graph.IsConstant(node, constant))
            throw graph.Fail(node, "of two tensors is not supported (supported: with a constant)");
        OnnxValue value = graph.Value(node, 1 - constant);
        int channels = graph.Shape(value).Channels;
        OnnxTensor tensor = graph.Constant(node, constant);
        float[] c = graph.Reals(node, constant);
        long[] extents = [.. tensor.Shape.SkipWhile(e => e == 1)];
        bool isPerChannel =
            c.Length == channels
            && (value.Rank == 2 ? extents.Length <= 1 : extents is [_, 1, 1] or []);
        if (c.Length != 1 && !isPerChannel)
            throw graph.Fail(
                node,
                $"its constant is {tensor.ShapeText} (supported: one number, or one per channel)");
        graph.Add(
            node,
            new BatchNormLayer(
                graph.Name(node),
                [value.Tensor],
                [
                    .. Enumerable
                        .Range(0, channels)
                        .Select(i => (float)scale(c[c.Length == 1 ? 0 : i])),
                ],
                [
                    .. Enumerable
                        .Range(0, channels)
                        .Select(i => (float)shift(c[c.Length == 1 ? 0 : i])),
                ]),
            value.Rank);
    }

    private static float Bound(
        OnnxGraph graph, OnnxNode node, int index, string attribute, float none) =>
        OnnxGraph.Has(node, index) ? graph.Real(node, index) : node.Real(attribute, none);
}
