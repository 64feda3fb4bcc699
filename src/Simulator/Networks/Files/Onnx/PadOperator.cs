namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Padding in a node of its own.</summary>
internal static class PadOperator
{
    /// <summary>
    /// Zeros around rows and columns wait for a convolution to take them over; anything else is a
    /// layer that repeats values, or leaves some out.
    /// </summary>
    public static void Pad(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        long[] pads = Pads(graph, node, value.Rank);
        float with = With(graph, node);
        string mode = node.Text("mode", "constant");
        bool isZeros = mode == "constant" && with == 0;
        if (mode is not ("constant" or "reflect" or "edge" or "wrap"))
            throw graph.Fail(
                node,
                $"mode '{Brief.Name(mode)}' (supported: constant, reflect, edge, wrap)");
        if (mode == "constant" && with != 0 && pads.Any(p => p > 0))
            throw graph.Fail(
                node, FormattableString.Invariant($"pads with {with} (supported: zeros)"));
        if (pads.All(p => p == 0))
        {
            graph.Set(node, value);
            return;
        }

        int rank = value.Rank;
        if (pads[0] != 0 || pads[rank] != 0) throw graph.Fail(node, "pads the batch");
        long[] to =
        [
            .. value.Extents.Select(
                (e, a) => e + graph.Size(node, "pads", pads[a] + pads[a + rank], -(int)e)),
        ];
        foreach (long extent in to) graph.Size(node, "extent", extent);
        bool waits = isZeros && rank is 3 or 4 && pads.All(p => p >= 0) && pads[1] == 0
            && pads[rank + 1] == 0;
        if (waits)
            graph.Set(node, value with
            {
                Extents = to,
                Padding = rank == 4
                    ? [pads[2], pads[3], pads[6], pads[7]]
                    : [0, pads[2], 0, pads[5]],
            });
        else
            graph.Set(node, Moved(graph, node, value, to, pads, mode));
    }

    /// <summary>What is put around a value, as a real number even of raw values.</summary>
    private static float With(OnnxGraph graph, OnnxNode node)
    {
        if (graph.Raw(node.Inputs[0]) is not { } raw)
            return OnnxGraph.Has(node, 2) ? graph.Real(node, 2) : node.Real("value", 0);
        long value = OnnxGraph.Has(node, 2) ? graph.Integer(node, 2) : 0;
        return (float)((value - raw.Scale.ZeroPoint) * raw.Scale.Step);
    }

    /// <summary>The value that a padding waits around.</summary>
    public static OnnxValue Unpadded(OnnxValue value)
    {
        if (value.Padding is not [var top, var left, var bottom, var right]) return value;
        long[] extents = [.. value.Extents];
        extents[^1] -= left + right;
        if (extents.Length == 4) extents[2] -= top + bottom;
        return new(value.Tensor, extents);
    }

    /// <summary>A value whose padding waited, as a layer.</summary>
    public static OnnxValue Materialize(OnnxGraph graph, OnnxNode node, OnnxValue value) =>
        Padded(graph, node, Unpadded(value), value.Padding!);

    /// <summary>A value with zeros above, left, below and right of it.</summary>
    public static OnnxValue Padded(
        OnnxGraph graph, OnnxNode node, OnnxValue value, IReadOnlyList<long> sides)
    {
        long[] pads = value.Rank == 4
            ? [0, 0, sides[0], sides[1], 0, 0, sides[2], sides[3]]
            : [0, 0, sides[1], 0, 0, sides[3]];
        long[] to =
            [.. value.Extents.Select((e, a) => e + pads[a] + pads[a + value.Rank])];
        foreach (long extent in to) graph.Size(node, "extent", extent);
        return Moved(graph, node, value, to, pads, "constant");
    }

    private static OnnxValue Moved(
        OnnxGraph graph, OnnxNode node, OnnxValue value, long[] to, long[] pads, string mode)
    {
        IReadOnlyList<long> from = value.Extents;
        if (mode == "reflect" && from.Where((e, a) =>
            Math.Max(pads[a], pads[a + from.Count]) >= e).Any())
            throw graph.Fail(node, "reflects more than there is");
        return graph.Rearranged(
            node, value, to,
            Positions.Sources(
                graph, node, from, to,
                p =>
                {
                    for (int a = 0; a < p.Length; a++)
                    {
                        long at = p[a] - pads[a];
                        p[a] = Inside(at, from[a], mode);
                        if (p[a] < 0) return null;
                    }

                    return p;
                }));
    }

    /// <summary>The position that stands in for one outside; -1 for a zero.</summary>
    private static long Inside(long at, long extent, string mode) =>
        at >= 0 && at < extent ? at
        : mode switch
        {
            "edge" => Math.Clamp(at, 0, extent - 1),
            "wrap" => ((at % extent) + extent) % extent,
            "reflect" => at < 0 ? -at : (2 * (extent - 1)) - at,
            _ => -1,
        };

    private static long[] Pads(OnnxGraph graph, OnnxNode node, int rank)
    {
        IReadOnlyList<long> given = graph.Integers(node, 1, "pads") ?? [];
        int[] axes = OnnxGraph.Has(node, 3)
            ? [.. graph.Integers(node, 3).Select(a => graph.Axis(node, a, rank))]
            : [.. Enumerable.Range(0, rank)];
        if (given.Count != 2 * axes.Length)
            throw graph.Fail(
                node, $"pads [{Brief.List(given)}] are not two for each of {axes.Length} axes");
        long[] pads = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++)
            (pads[axes[i]], pads[axes[i] + rank]) = (given[i], given[i + axes.Length]);
        return pads;
    }
}
