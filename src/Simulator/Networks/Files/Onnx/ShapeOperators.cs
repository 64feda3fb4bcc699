using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators that move nothing, or only change what values are called.</summary>
internal static class ShapeOperators
{
    /// <summary>The value itself.</summary>
    public static void Same(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0)) graph.Set(node, graph.Constant(node, 0));
        else graph.Set(node, graph.Value(node, 0));
    }

    /// <summary>
    /// Zeros around the image, which the convolution after it takes over; or none at all.
    /// </summary>
    public static void Pad(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        IReadOnlyList<long> pads = OnnxGraph.Has(node, 1)
            ? graph.Integers(node, 1)
            : node.Integers("pads") ?? [];
        float with = OnnxGraph.Has(node, 2) ? graph.Real(node, 2) : node.Real("value", 0);
        string mode = node.Text("mode", "constant");
        bool isSupported =
            pads is [0, 0, >= 0, >= 0, 0, 0, >= 0, >= 0] && with == 0 && mode == "constant";
        if (pads.All(p => p == 0))
            graph.Set(node, value);
        else if (isSupported)
            graph.Set(node, value with { Padding = [pads[2], pads[3], pads[6], pads[7]] });
        else
        {
            throw graph.Fail(
                node,
                $"pads [{Brief.List(pads)}] in mode '{Brief.Name(mode)}' are not supported "
                    + "(supported: zeros around rows and columns)");
        }
    }

    /// <summary>Channels, rows and columns into features.</summary>
    public static void Flatten(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        long axis = node.Integer("axis", 1);
        if (axis != 1 && axis != 1 - value.Rank)
            throw graph.Fail(node, $"axis {axis} is not supported (supported: 1)");
        graph.Set(node, ToFlat(graph, node, value) with { Rank = 2 });
    }

    /// <summary>
    /// Into features, back into what features were made of, or into the shape that it has.
    /// </summary>
    public static void Reshape(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> wanted = OnnxGraph.Has(node, 1)
            ? graph.Integers(node, 1)
            : node.Integers("shape") ?? [];
        if (graph.IsConstant(node, 0))
            Reshaped(graph, node, wanted);
        else
            SetShape(graph, node, wanted);
    }

    /// <summary>Takes out dimensions of one element.</summary>
    public static void Squeeze(OnnxGraph graph, OnnxNode node)
    {
        bool isConstant = graph.IsConstant(node, 0);
        long[] old = isConstant
            ? [.. graph.Constant(node, 0).Shape]
            : graph.Extents(graph.Value(node, 0));
        long[]? axes = Axes(graph, node, old.Length);
        long[] wanted =
        [
            .. old.Where(
                (e, i) => axes is null ? e != 1 || (i == 0 && !isConstant) : !axes.Contains(i)),
        ];
        if (isConstant)
            Reshaped(graph, node, wanted);
        else
            SetShape(graph, node, wanted);
    }

    /// <summary>Puts in dimensions of one element.</summary>
    public static void Unsqueeze(OnnxGraph graph, OnnxNode node)
    {
        bool isConstant = graph.IsConstant(node, 0);
        List<long> wanted = isConstant
            ? [.. graph.Constant(node, 0).Shape]
            : [.. graph.Extents(graph.Value(node, 0))];
        long[] axes =
            Axes(
                graph,
                node,
                wanted.Count + (node.Integers("axes")?.Count ?? graph.Integers(node, 1).Count)
            ) ?? [];
        foreach (long axis in axes.Order())
            wanted.Insert((int)Math.Clamp(axis, 0, wanted.Count), 1);
        if (isConstant)
            Reshaped(graph, node, wanted);
        else
            SetShape(graph, node, wanted);
    }

    /// <summary>A constant matrix turned round; of images, only what moves nothing.</summary>
    public static void Transpose(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long>? order = node.Integers("perm");
        if (!graph.IsConstant(node, 0))
        {
            long[] extents = graph.Extents(graph.Value(node, 0));
            order ??= [.. Enumerable.Range(0, extents.Length).Reverse().Select(i => (long)i)];
            IEnumerable<long> all = Enumerable.Range(0, extents.Length).Select(i => (long)i);
            if (!order.Order().SequenceEqual(all))
                throw graph.Fail(
                    node, $"[{Brief.List(order)}] is no order of {extents.Length} dimensions");
            bool movesNothing = order
                .Where(i => extents[i] > 1)
                .SequenceEqual(order.Where(i => extents[i] > 1).Order());
            if (!movesNothing)
                throw graph.Fail(
                    node, $"[{Brief.List(order)}] moves values; export with channels first");
            SetShape(graph, node, [.. order.Select(i => extents[i])]);
            return;
        }

        OnnxTensor matrix = graph.Constant(node, 0);
        if (matrix.Shape is not [var rows, var columns] || order is not (null or [1, 0]))
            throw graph.Fail(node, "turns a constant that is no matrix");
        float[] values = graph.Reals(node, 0);
        var turned = new float[values.Length];
        for (long r = 0; r < rows; r++)
            for (long c = 0; c < columns; c++) turned[(c * rows) + r] = values[(r * columns) + c];
        graph.Set(node, new OnnxTensor(matrix.Name, [columns, rows], turned, null));
    }

    /// <summary>Channels, or features, behind one another; or parts of a shape.</summary>
    public static void Concat(OnnxGraph graph, OnnxNode node)
    {
        int[] indices = [.. Enumerable.Range(0, node.Inputs.Count)];
        if (indices.All(i => graph.IsConstant(node, i)))
        {
            long[] all = [.. indices.SelectMany(i => graph.Integers(node, i))];
            graph.Set(node, new OnnxTensor("", [all.Length], null, all));
            return;
        }

        OnnxValue[] values = [.. indices.Select(i => graph.Value(node, i))];
        long axis = node.Integer("axis", 1);
        if (axis != 1 && axis != 1 - values[0].Rank)
            throw graph.Fail(node, $"axis {axis} is not supported (supported: 1, the channels)");
        graph.Add(
            node, new ConcatLayer(graph.Name(node), [.. values.Select(v => v.Tensor)]),
            values[0].Rank);
    }

    /// <summary>The value as features.</summary>
    public static OnnxValue ToFlat(OnnxGraph graph, OnnxNode node, OnnxValue value)
    {
        if (graph.Shape(value).Positions == 1) return value;
        OnnxNode flatten = node with { Name = node.Name + "/flatten", Inputs = [] };
        graph.Add(flatten, new FlattenLayer(graph.Name(flatten), [value.Tensor]), 2);
        return graph.Find(node.Outputs[0])!.Value;
    }

    private static void SetShape(OnnxGraph graph, OnnxNode node, IReadOnlyList<long> wanted)
    {
        OnnxValue value = graph.Value(node, 0);
        TensorShape shape = graph.Shape(value);
        long[] extents =
            Resolved(graph.Extents(value), wanted, shape.Length)
            ?? throw Unfit(graph, node, wanted, shape);
        if (extents is [1, _])
        {
            graph.Set(node, ToFlat(graph, node, value) with { Rank = 2 });
            return;
        }

        if (extents is not [1, var c, var h, var w]) throw Unfit(graph, node, wanted, shape);
        OnnxValue source = value;
        while (graph.Extents(source with { Rank = 4 }) is var e && !e.SequenceEqual([1, c, h, w]))
        {
            if (source.Tensor == 0 || graph.Layers[source.Tensor - 1] is not FlattenLayer flatten)
                throw Unfit(graph, node, wanted, shape);
            source = new(flatten.Inputs[0], 4);
        }

        graph.Set(node, source with { Rank = 4 });
    }

    private static void Reshaped(OnnxGraph graph, OnnxNode node, IReadOnlyList<long> wanted)
    {
        OnnxTensor tensor = graph.Constant(node, 0);
        long length = OnnxTensor.CountOf(tensor.Shape);
        graph.Set(node, tensor with
        {
            Shape = Resolved([.. tensor.Shape], wanted, length)
                ?? throw graph.Fail(node, $"a constant of {tensor.ShapeText} does not fit"),
        });
    }

    /// <summary>
    /// Extents with 0 (the old one) and -1 (the rest) filled in; null where they do not hold as
    /// much.
    /// </summary>
    private static long[]? Resolved(long[] old, IReadOnlyList<long> wanted, long length)
    {
        long[] extents = [.. wanted.Select((e, i) => e == 0 && i < old.Length ? old[i] : e)];
        long known = OnnxTensor.CountOf([.. extents.Where(e => e != -1)]);
        if (known < 0 || length < 0) return null;
        int rest = Array.IndexOf(extents, -1);
        // Exported with a batch of several images: the first extent is the batch whatever it says.
        bool isBatch =
            rest < 0 && extents.Length > 1 && known != length
            && Sizes.Product(Sizes.MostWeights, length, extents[0]) == known;
        if (isBatch)
            (extents[0], known) = (1, length);
        if (rest >= 0 && known > 0)
            extents[rest] = length / known;
        return OnnxTensor.CountOf(extents) == length ? extents : null;
    }

    private static long[]? Axes(OnnxGraph graph, OnnxNode node, int rank)
    {
        IReadOnlyList<long>? axes = OnnxGraph.Has(node, 1)
            ? graph.Integers(node, 1)
            : node.Integers("axes");
        return axes is null ? null : [.. axes.Select(a => a < 0 ? a + rank : a)];
    }

    private static InputException Unfit(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> wanted, TensorShape shape) =>
        graph.Fail(
            node,
            $"[{Brief.List(wanted)}] is not supported for {shape} (supported: [batch, "
                + "features], or the shape as it is)");
}
