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
        OnnxValue value = graph.Value(node, 0);
        IReadOnlyList<long> given = graph.Integers(node, 1, "axes") ?? [];
        if (given.Count == 0 && node.Integer("noop_with_empty_axes", 0) != 0)
        {
            graph.Set(node, value);
            return;
        }

        if (given.Count == 0) given = [.. Enumerable.Range(0, value.Rank).Select(i => (long)i)];
        int[] axes = [.. given.Select(a => graph.Axis(node, a, value.Rank)).Distinct().Order()];
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
        bool areRows = graph.IsDynamic && sum == FloatSum.Aligned && axes.Length == 1;
        bool isSpatial = value.Rank == 4 && axes.All(a => a >= 2) && !areRows;
        OnnxNode pool = node with { Outputs = [node.Outputs[0]] };
        if (kind == ReductionKind.Sum && graph.Layers.Any(l => l is FakeQuantizeLayer))
        {
            graph.Set(node, new OnnxValue(Ones(graph, node, value, axes, (int)count), result));
            return;
        }

        if (isSpatial)
        {
            WindowGeometry window = new(
                axes.Contains(2) ? (int)extents[2] : 1, axes.Contains(3) ? (int)extents[3] : 1,
                axes.Contains(2) ? (int)extents[2] : 1, axes.Contains(3) ? (int)extents[3] : 1);
            PoolOperators.Pool(
                graph, pool, value, window, kind == ReductionKind.Max,
                order: sum);
        }
        else
        {
            int[] order = [.. Enumerable.Range(0, value.Rank).OrderBy(axes.Contains)];
            OnnxValue last = MoveOperators.Transposed(graph, node, value, order);
            long rows = OnnxTensor.CountOf(kept);
            OnnxValue flat = last with { Extents = [1, rows, 1, count] };
            WindowGeometry window = new(1, (int)count, 1, (int)count);
            PoolOperators.Pool(
                graph, pool, flat, window, kind == ReductionKind.Max,
                order: sum);
        }

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
