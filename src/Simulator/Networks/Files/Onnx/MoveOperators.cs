namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators that move, repeat or leave out values: wires in hardware.</summary>
internal static class MoveOperators
{
    /// <summary>Axes in another order.</summary>
    public static void Transpose(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> extents = Extents(graph, node);
        IReadOnlyList<long> perm = node.Integers("perm")
            ?? [.. Enumerable.Range(0, extents.Count).Reverse().Select(i => (long)i)];
        int[] order = [.. perm.Select(a => graph.Axis(node, a, extents.Count))];
        if (order.Length != extents.Count || order.Distinct().Count() != order.Length)
            throw graph.Fail(
                node, $"perm [{Brief.List(perm)}] is not an order of {extents.Count} axes");
        if (!graph.IsConstant(node, 0))
        {
            bool isApart = IsTakenApart(graph, node, order);
            graph.Set(
                node, Transposed(graph, node, graph.Value(node, 0), order, isApart));
            if (isApart) graph.SetBatchSecond(node.Outputs[0]);
            return;
        }

        if (order is [])
        {
            graph.Set(node, graph.Constant(node, 0));
            return;
        }

        int[] sources = Positions.Sources(
            graph, node, extents, [.. order.Select(a => extents[a])],
            to => [.. Enumerable.Range(0, order.Length).Select(a => to[Array.IndexOf(order, a)])]);
        TurnConstant(graph, node, order, sources);
    }

    /// <summary>
    /// A matrix that was quantized has its integers turned, too, and so has all of QONNX's.
    /// </summary>
    private static void TurnConstant(OnnxGraph graph, OnnxNode node, int[] order, int[] sources)
    {
        OnnxTensor from = graph.Constant(node, 0);
        if (from.Length == 0)
            throw graph.Fail(node, "a constant without elements of a supported type");
        OnnxTensor turned = from.Picked([.. order.Select(a => from.Shape[a])], sources);
        bool keeps = from.Raw is { } raw && ReferenceEquals(raw.Reals, from.Reals)
            && (order is [1, 0] || raw.HasOwnScale);
        graph.Set(node, keeps
            ? turned with { Raw = from.Raw!.Turned(turned.Reals!, sources, order) }
            : turned);
    }

    /// <summary>
    /// Whether the batch comes to stand second, and all that reads a node takes parts of its first
    /// axis: queries, keys and values of one product are told apart so.
    /// </summary>
    private static bool IsTakenApart(OnnxGraph graph, OnnxNode node, int[] order) =>
        order.Length > 2 && order[1] == 0 && IsTakenApart(graph, node.Outputs[0]);

    private static bool IsTakenApart(OnnxGraph graph, string name)
    {
        Stack<string> open = new([name]);
        while (open.TryPop(out string? at))
        {
            if (graph.Output == at) return false;
            foreach (OnnxNode node in graph.ReadersOf(at))
                if (node.Inputs[0] != at) return false;
                else if (QuantizeOperators.IsPairs(node)) open.Push(node.Outputs[0]);
                else if (!IsTaken(node)) return false;
        }

        return true;

        bool IsTaken(OnnxNode node) => node.Operator == "Squeeze"
            ? graph.Integers(node, 1, "axes") is [0]
            : node.Operator is "Gather" or "Split" && node.Integer("axis", 0) == 0;
    }

    /// <summary>A value with its axes in another order.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">For messages.</param>
    /// <param name="value">The value.</param>
    /// <param name="order">For each new axis the old one.</param>
    /// <param name="movesBatch">Whether another axis may come to stand first.</param>
    public static OnnxValue Transposed(
        OnnxGraph graph, OnnxNode node, OnnxValue value, int[] order, bool movesBatch = false)
    {
        long[] to = [.. order.Select(a => value.Extents[a])];
        bool isFirst = movesBatch
            ? value.Extents[0] == 1
            : to.Length > 0 && to[0] == 1 && (order[0] == 0 || value.Extents[0] == 1);
        if (to.Length == 0 || !isFirst)
            throw graph.Fail(
                node,
                $"perm [{Brief.List(order)}] of [{Brief.List(value.Extents)}] moves the batch");
        int[] sources = Positions.Sources(
            graph, node, value.Extents, to,
            p => [.. Enumerable.Range(0, order.Length).Select(a => p[Array.IndexOf(order, a)])]);
        return graph.Rearranged(node, value, to, sources);
    }

    /// <summary>Runs of values along some axes.</summary>
    public static void Slice(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> extents = Extents(graph, node);
        IReadOnlyList<long> starts = graph.Integers(node, 1, "starts") ?? [];
        IReadOnlyList<long> ends = graph.Integers(node, 2, "ends") ?? [];
        IReadOnlyList<long> axes = graph.Integers(node, 3, "axes")
            ?? [.. Enumerable.Range(0, starts.Count).Select(i => (long)i)];
        IReadOnlyList<long> steps = OnnxGraph.Has(node, 4)
            ? graph.Integers(node, 4)
            : [.. starts.Select(_ => 1L)];
        if (starts.Count == 0 || new[] { ends, axes, steps }.Any(l => l.Count != starts.Count)
            || steps.Contains(0))
            throw graph.Fail(node, "its starts, ends, axes and steps do not belong together");
        long[] first = new long[extents.Count], step = [.. extents.Select(_ => 1L)];
        long[] to = [.. extents];
        for (int i = 0; i < starts.Count; i++)
        {
            int axis = graph.Axis(node, axes[i], extents.Count);
            long length = extents[axis];
            bool isForward = steps[i] > 0;
            long Bound(long at) => Math.Clamp(
                at < 0 ? Math.Max(at, -length - 1) + length : at, isForward ? 0 : -1,
                isForward ? length : length - 1);
            (first[axis], step[axis]) = (Bound(starts[i]), steps[i]);
            long span = isForward
                ? Bound(ends[i]) - first[axis]
                : first[axis] - (ends[i] < -length ? -1 : Bound(ends[i]));
            to[axis] = Math.Max(0, (span + Math.Abs(steps[i]) - 1) / Math.Abs(steps[i]));
        }

        Set(graph, node, to, p => [.. p.Select((at, axis) => first[axis] + (at * step[axis]))]);
    }

    /// <summary>Values of an axis by constant indices.</summary>
    public static void Gather(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> extents = Extents(graph, node);
        int axis = graph.Axis(node, node.Integer("axis", 0), extents.Count);
        IReadOnlyList<long> indices = graph.Integers(node, 1);
        IReadOnlyList<long> shape = graph.Constant(node, 1).Shape;
        if (indices.Any(i => i < -extents[axis] || i >= extents[axis]))
            throw graph.Fail(node, "an index is out of range");
        long[] to = [.. extents.Take(axis), .. shape, .. extents.Skip(axis + 1)];
        if (graph.IsBatchSecond(node.Inputs[0]) && (axis != 0 || shape.Count > 0))
            throw graph.Fail(node, "takes more than one part of what moved the batch");
        Set(
            graph, node, to,
            p =>
            {
                long at = 0;
                for (int i = 0; i < shape.Count; i++) at = (at * shape[i]) + p[axis + i];
                long index = indices[(int)at];
                return
                [
                    .. p.Take(axis), index < 0 ? index + extents[axis] : index,
                    .. p.Skip(axis + shape.Count),
                ];
            });
    }

    /// <summary>Values repeated where there was one.</summary>
    public static void Expand(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> extents = Extents(graph, node);
        IReadOnlyList<long> wanted = graph.Integers(node, 1);
        if (!graph.IsConstant(node, 0) && wanted.Count == extents.Count && graph.DeclaredBatch > 1
            && wanted[0] == graph.DeclaredBatch)
            wanted = [1, .. wanted.Skip(1)];
        long[] to = Broadcasting.Meet(graph, node, extents, wanted);
        int more = to.Length - extents.Count;
        Set(
            graph, node, to,
            p => [.. extents.Select((e, axis) => e == 1 ? 0 : p[axis + more])]);
    }

    /// <summary>The whole repeated along axes.</summary>
    public static void Tile(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> extents = Extents(graph, node), repeats = graph.Integers(node, 1);
        if (repeats.Count != extents.Count || repeats.Any(r => r < 1))
            throw graph.Fail(node, $"repeats [{Brief.List(repeats)}] of {extents.Count} axes");
        long[] to =
        [
            .. extents.Zip(repeats, (e, r) => graph.Size(node, "repeats", r) * e),
        ];
        Set(graph, node, to, p => [.. p.Select((at, axis) => at % extents[axis])]);
    }

    /// <summary>Channels into squares of positions.</summary>
    public static void DepthToSpace(OnnxGraph graph, OnnxNode node)
    {
        int b = graph.Size(node, "blocksize", node.Integer("blocksize", 0));
        string mode = node.Text("mode", "DCR");
        if (mode is not ("DCR" or "CRD"))
            throw graph.Fail(node, $"mode '{Brief.Name(mode)}' (supported: DCR, CRD)");
        if (graph.Value(node, 0).Extents is not [var n, var c, var h, var w]
            || c % ((long)b * b) != 0)
            throw graph.Fail(node, $"channels do not make blocks of {b}x{b}");
        long channels = c / b / b;
        Set(
            graph, node, [n, channels, h * b, w * b],
            p =>
            {
                long block = ((p[2] % b) * b) + (p[3] % b);
                long channel = mode == "DCR"
                    ? (block * channels) + p[1]
                    : (p[1] * b * b) + block;
                return [p[0], channel, p[2] / b, p[3] / b];
            });
    }

    /// <summary>Squares of positions into channels.</summary>
    public static void SpaceToDepth(OnnxGraph graph, OnnxNode node)
    {
        int b = graph.Size(node, "blocksize", node.Integer("blocksize", 0));
        if (graph.Value(node, 0).Extents is not [var n, var c, var h, var w]
            || h % b != 0 || w % b != 0)
            throw graph.Fail(node, $"rows and columns do not make blocks of {b}x{b}");
        Set(
            graph, node, [n, graph.Size(node, "channels", c * b * b), h / b, w / b],
            p =>
            {
                long block = p[1] / c;
                return [p[0], p[1] % c, (p[2] * b) + (block / b), (p[3] * b) + (block % b)];
            });
    }

    /// <summary>Extents of input 0, constant or not.</summary>
    public static IReadOnlyList<long> Extents(OnnxGraph graph, OnnxNode node) =>
        graph.IsConstant(node, 0) ? graph.Constant(node, 0).Shape : graph.Value(node, 0).Extents;

    /// <summary>Elements of input 0, constant or not, under new extents.</summary>
    public static void Set(
        OnnxGraph graph, OnnxNode node, long[] to, Func<long[], long[]?> source, int output = 0)
    {
        IReadOnlyList<long> from = Extents(graph, node);
        if (graph.IsConstant(node, 0))
        {
            OnnxTensor constant = graph.Constant(node, 0);
            if (constant.Length == 0)
                throw graph.Fail(node, "a constant without elements of a supported type");
            int[] picked = to is []
                ? [.. new[] { source([]) }.Select(p => p is [var only] ? (int)only : 0)]
                : Positions.Sources(graph, node, from, to, source);
            graph.Set(node, constant.Picked(to, picked), output);
            return;
        }

        if (to is [] || to[0] != 1)
            throw graph.Fail(
                node, $"makes [{Brief.List(to)}] of one image: its first extent is the batch");
        graph.Set(
            node,
            graph.Rearranged(
                node, graph.Value(node, 0), to,
                Positions.Sources(graph, node, from, to, source)),
            output);
    }
}
