namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Larger and smaller images: by the nearest value, which is wires, or by <see
/// cref="LinearResize"/>.
/// </summary>
internal static class ResizeOperators
{
    /// <summary>The operator before version 10: the value below, without half pixels.</summary>
    public static void Upsample(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<float> scales = OnnxGraph.Has(node, 1)
            ? graph.Reals(node, 1)
            : node.Reals("scales") ?? [];
        Nearest(graph, node, scales, null, "asymmetric", "floor");
    }

    /// <summary>The operator since version 10.</summary>
    public static void Resize(OnnxGraph graph, OnnxNode node)
    {
        if (graph.Opset < 11)
        {
            Nearest(graph, node, graph.Reals(node, 1), null, "asymmetric", "floor");
            return;
        }

        bool hasScales = OnnxGraph.Has(node, 2) && graph.Constant(node, 2).Length > 0;
        Nearest(
            graph, node, hasScales ? graph.Reals(node, 2) : null,
            OnnxGraph.Has(node, 3) ? graph.Integers(node, 3) : null,
            node.Text("coordinate_transformation_mode", "half_pixel"),
            node.Text("nearest_mode", "round_prefer_floor"));
    }

    /// <summary>
    /// Whether ONNX Runtime makes an image of blocks of channels larger as it lies: by whole
    /// numbers that the file itself has.
    /// </summary>
    public static bool KeepsBlocks(OnnxGraph graph, OnnxNode node)
    {
        const int WithCoordinates = 11, UpsampleOfInput = 9;
        bool isNearest = node.Text("mode", "nearest") == "nearest";
        string coordinates = node.Text("coordinate_transformation_mode", "");
        if (graph.Opset < UpsampleOfInput
            || graph.Extents(node.Inputs[0]) is not { Count: 4 } from)
            return false;
        if (graph.Opset < WithCoordinates)
            return AreWhole(graph.Reals(node, 1));
        bool isKnown = isNearest
            ? coordinates == "asymmetric" && node.Text("nearest_mode", "") == "floor"
            : coordinates is "asymmetric" or "half_pixel";
        return isKnown && (node.Inputs.Count < 4
            ? OnnxGraph.Has(node, 2) && AreWhole(graph.Reals(node, 2))
            : OnnxGraph.Has(node, 3) && graph.Batch is not null && graph.Integers(node, 3)
                .Zip(from, (to, extent) => to % extent).All(left => left == 0));

        static bool AreWhole(float[] scales) =>
            scales is [1, 1, ..] && scales.All(s => s >= 1 && s == MathF.Floor(s));
    }

    private static void Nearest(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<float>? scales, IReadOnlyList<long>? sizes,
        string coordinates, string rounding)
    {
        string mode = node.Text("mode", "nearest");
        if (mode is not ("nearest" or "linear"))
            throw graph.Fail(node, $"mode '{Brief.Name(mode)}' (supported: nearest, linear)");
        OnnxValue value = graph.Value(node, 0);
        (double Scale, long To)[] axes = Axes(graph, node, value.Extents, scales, sizes);
        if (axes[0] is not (1, 1)) throw graph.Fail(node, "resizes the batch");
        long[] to = [.. axes.Select(a => a.To)];
        foreach (long extent in to) graph.Size(node, "extent", extent);
        if (mode == "linear")
        {
            LinearResize.Add(graph, node, value, axes, coordinates);
            return;
        }

        MoveOperators.Set(
            graph, node, to,
            p =>
            {
                for (int a = 0; a < p.Length; a++)
                    p[a] = Source(
                        graph, node, p[a], axes[a], value.Extents[a], (coordinates, rounding));
                return p;
            });
    }

    private static (double Scale, long To)[] Axes(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> from, IReadOnlyList<float>? scales,
        IReadOnlyList<long>? sizes)
    {
        int[] axes = node.Integers("axes") is { Count: > 0 } given
            ? [.. given.Select(a => graph.Axis(node, a, from.Count))]
            : [.. Enumerable.Range(0, from.Count)];
        int count = scales?.Count ?? sizes?.Count ?? 0;
        if (count != axes.Length || scales?.Any(s => !(s > 0) || s > 1e6) == true)
            throw graph.Fail(node, $"has {count} sizes for {axes.Length} axes");
        (double Scale, long To)[] all = [.. from.Select(e => (1.0, e))];
        for (int i = 0; i < axes.Length; i++)
        {
            long extent = from[axes[i]];
            all[axes[i]] = scales is null
                ? ((double)(float)((double)sizes![i] / extent), sizes[i])
                : (scales[i], (long)Math.Floor((double)(extent * scales[i])));
            if (axes[i] == 0 && scales is null && sizes![0] == graph.DeclaredBatch)
                all[0] = (1, 1);
        }

        return all;
    }

    /// <summary>The old position that stands for a new one.</summary>
    private static long Source(
        OnnxGraph graph, OnnxNode node, long at, (double Scale, long To) axis, long extent,
        (string Coordinates, string Rounding) how)
    {
        if (axis.Scale == 1 && axis.To == extent) return at;
        // In float32, as frameworks compute it.
        float scale = (float)axis.Scale, x = how.Coordinates switch
        {
            "half_pixel" => ((at + 0.5f) / scale) - 0.5f,
            "pytorch_half_pixel" => axis.To > 1 ? ((at + 0.5f) / scale) - 0.5f : 0,
            "asymmetric" => at / scale,
            "align_corners" => axis.To == 1 ? 0 : at * (float)(extent - 1) / (axis.To - 1),
            _ => throw graph.Fail(
                node,
                $"coordinate_transformation_mode '{Brief.Name(how.Coordinates)}' (supported: "
                    + "half_pixel, pytorch_half_pixel, asymmetric, align_corners)"),
        };
        double rounded = how.Rounding switch
        {
            "round_prefer_floor" => Math.Ceiling(x - 0.5f),
            "round_prefer_ceil" => Math.Floor(x + 0.5f),
            "floor" => Math.Floor(x),
            "ceil" => Math.Ceiling(x),
            _ => throw graph.Fail(
                node,
                $"nearest_mode '{Brief.Name(how.Rounding)}' (supported: round_prefer_floor, "
                    + "round_prefer_ceil, floor, ceil)"),
        };
        return (long)Math.Clamp(rounded, 0, extent - 1);
    }
}
