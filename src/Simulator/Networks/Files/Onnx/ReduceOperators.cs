using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What a reduction makes of the values of some axes.</summary>
internal enum ReductionKind
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>Their sum.</summary>
    Sum,
}

/// <summary>Reductions over any axes but the batch, as pools.</summary>
internal static class ReduceOperators
{
    /// <summary>Adds one.</summary>
    public static void Reduce(OnnxGraph graph, OnnxNode node, ReductionKind kind)
    {
        if (graph.IsConstant(node, 0))
        {
            ConstantFolding.Reduce(graph, node, kind);
            return;
        }

        OnnxValue value = graph.Value(node, 0);
        if (Axes(graph, node, value.Rank) is not { } axes)
        {
            graph.Set(node, value);
            return;
        }

        if (axes.Contains(0))
            throw graph.Fail(node, "reduces over the batch, which would mix images");
        IReadOnlyList<long> extents = value.Extents;
        long[] kept =
        [
            .. extents.Index().Where(e => !axes.Contains(e.Index)).Select(e => e.Item),
        ];
        long[] result = node.Integer("keepdims", 1) == 0
            ? kept
            : [.. extents.Select((e, i) => axes.Contains(i) ? 1 : e)];
        long count = axes.Aggregate(1L, (all, a) => all * extents[a]);
        FloatSum? sum = SumOrders.OfReduction(graph, value, axes);
        // In eight lanes whole channels are summed: where a row is one, rows become channels.
        bool areRows = sum == FloatSum.Aligned && axes.Length == 1
            && (graph.IsDynamic || graph.Layers.Any(l => l is FakeQuantizeLayer));
        bool isSpatial = value.Rank == 4 && axes.All(a => a >= 2) && !areRows;
        OnnxNode pool = node with { Outputs = [node.Outputs[0]] };
        if (kind == ReductionKind.Sum && graph.Layers.Any(l => l is FakeQuantizeLayer))
        {
            graph.Set(node, new OnnxValue(Ones(graph, node, value, axes, (int)count), result));
            return;
        }

        (OnnxValue pooled, int down, int across) = isSpatial
            ? (
                value, axes.Contains(2) ? (int)extents[2] : 1,
                axes.Contains(3) ? (int)extents[3] : 1)
            : (
                MoveOperators.Transposed(
                    graph, node, value,
                    [.. Enumerable.Range(0, value.Rank).OrderBy(axes.Contains)]) with
                {
                    Extents = [1, OnnxTensor.CountOf(kept), 1, count],
                }, 1, (int)count);
        PoolOperators.Pool(
            graph, pool, pooled, new(down, across, down, across), kind == ReductionKind.Max,
            AverageForm.Reduction, sum);

        OnnxValue reduced = graph.Find(node.Outputs[0])!.Value;
        if (kind == ReductionKind.Sum && count > 1)
        {
            int channels = graph.Shape(reduced).Channels;
            float[] scale = [.. Enumerable.Repeat((float)count, channels)];
            graph.Add(
                node,
                new BatchNormLayer(
                    graph.Name(node), [reduced.Tensor], scale, new float[channels]),
                reduced.Extents);
            reduced = graph.Find(node.Outputs[0])!.Value;
        }

        graph.Set(node, reduced with { Extents = result });
    }

    /// <summary>
    /// The axes that are reduced, in order: all where none are given; null where that means that
    /// nothing is done.
    /// </summary>
    public static int[]? Axes(OnnxGraph graph, OnnxNode node, int rank)
    {
        IReadOnlyList<long> given = graph.Integers(node, 1, "axes") ?? [];
        if (given.Count > 0)
            return [.. given.Select(a => graph.Axis(node, a, rank)).Distinct().Order()];
        return node.Integer("noop_with_empty_axes", 0) != 0 ? null : [.. Enumerable.Range(0, rank)];
    }

    /// <summary>The sum of squares, or its root.</summary>
    public static void Squares(OnnxGraph graph, OnnxNode node, bool hasRoot)
    {
        if (node.Integer("noop_with_empty_axes", 0) != 0 && !OnnxGraph.Has(node, 1))
            throw graph.Fail(node, "noop_with_empty_axes without axes");
        string squares = $"{node.Outputs[0]}/squares", sum = $"{node.Outputs[0]}/sum";
        ElementOperators.Mul(graph, node with
        {
            Inputs = [node.Inputs[0], node.Inputs[0]],
            Outputs = [squares],
        });
        Reduce(
            graph, node with
            {
                Inputs = [squares, .. node.Inputs.Skip(1)],
                Outputs = [hasRoot ? sum : node.Outputs[0]],
            },
            ReductionKind.Sum);
        if (hasRoot) RootOperators.Sqrt(graph, node with { Inputs = [sum] });
    }

    /// <summary>
    /// Sums of values that were quantized, by a convolution with ones: exact, as their integers
    /// are.
    /// </summary>
    private static int Ones(
        OnnxGraph graph, OnnxNode node, OnnxValue value, int[] axes, int count)
    {
        OnnxValue last = MoveOperators.Transposed(
            graph, node, value, [.. Enumerable.Range(0, value.Rank).OrderBy(axes.Contains)]);
        int rows = graph.Size(node, "sums", OnnxTensor.CountOf(last.Extents) / count);
        int from = graph.Canonical(node, last with { Extents = [1, rows, 1, count] });
        float[] ones = [.. Enumerable.Repeat(1f, rows * count)];
        return graph.Add(node, new Conv2dLayer(
            graph.Name(node), [from], rows, new WindowGeometry(1, count, Groups: rows), ones,
            new float[rows])
        {
            Own = new(
                ones, [.. ones.Select(_ => 1)], [.. Enumerable.Repeat(1f, rows)], 1, false,
                [.. new long[rows]]),
        });
    }
}
