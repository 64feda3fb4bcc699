using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>
/// Operators that copy values to other places: hardware computes nothing. TensorFlow Lite counts
/// channels last.
/// </summary>
internal static class TfliteMoves
{
    private const int Reflect = 0;

    /// <summary>Values under other extents.</summary>
    public static void Reshape(TfliteGraph graph, TfliteOperator node)
    {
        TfliteValue value = graph.Value(node, 0);
        TensorShape from = graph.Shape(value);
        int[] extents = graph.Extents(node, node.Outputs[0]);
        TensorShape to = TfliteGraph.Shaped(extents);
        if (from.Length != to.Length) throw graph.Fail(node, $"makes {to} of {from}");
        if (from == to)
            graph.Set(node.Outputs[0], new(value.Index, extents));
        else
            Moved(graph, node, extents, i => i);
    }

    /// <summary>PAD: zeros, as the zero point has them, around an image.</summary>
    public static void Pad(TfliteGraph graph, TfliteOperator node)
    {
        (long Before, long After)[] pads = Pads(graph, node);
        int[] from = graph.Value(node, 0).Extents;
        Copied(graph, node, Padded(from, pads), place =>
        {
            int[] source = Less(place, pads);
            return source.Where((s, d) => s < 0 || s >= from[d]).Any() ? null : source;
        });
    }

    /// <summary>MIRROR_PAD: an image continued backwards, its edge twice or once.</summary>
    public static void MirrorPad(TfliteGraph graph, TfliteOperator node)
    {
        (long Before, long After)[] pads = Pads(graph, node);
        int[] from = graph.Value(node, 0).Extents;
        int apart = node.Option(0, 1) == Reflect ? 1 : 0;
        if (pads.Where((p, d) => p.Before > from[d] - apart || p.After > from[d] - apart).Any())
            throw graph.Fail(node, "pads by more than the image has");
        Copied(graph, node, Padded(from, pads), place =>
        [
            .. Less(place, pads).Select((s, d) => s < 0 ? -s - 1 + apart
                : s >= from[d] ? (2 * from[d]) - 1 - s - apart
                : s),
        ]);
    }

    /// <summary>TRANSPOSE: axes in another order, the batch first.</summary>
    public static void Transpose(TfliteGraph graph, TfliteOperator node)
    {
        int[] from = graph.Value(node, 0).Extents;
        long[] order = graph.Indices(node, 1);
        if (order.Length != from.Length + 1 || order[0] != 0
            || !order.Order().SequenceEqual(Enumerable.Range(0, order.Length).Select(a => (long)a)))
            throw graph.Fail(
                node, $"its axes are [{string.Join(", ", order)}] (supported: the batch, 0, first, "
                    + "then all others)");
        int[] axes = [.. order.Skip(1).Select(a => (int)a - 1)];
        Copied(graph, node, [.. axes.Select(a => from[a])], place =>
        {
            int[] source = new int[from.Length];
            for (int d = 0; d < axes.Length; d++) source[axes[d]] = place[d];
            return source;
        });
    }

    /// <summary>SPACE_TO_DEPTH: blocks of positions become channels.</summary>
    public static void SpaceToDepth(TfliteGraph graph, TfliteOperator node)
    {
        (int[] from, int block) = Blocks(graph, node);
        if (from[0] % block != 0 || from[1] % block != 0)
            throw graph.Fail(node, $"blocks of {block} do not fit {from[0]}x{from[1]}");
        int depth = from[2];
        Copied(
            graph, node, [from[0] / block, from[1] / block, depth * block * block], place =>
            [
                (place[0] * block) + (place[2] / depth / block),
                (place[1] * block) + (place[2] / depth % block),
                place[2] % depth,
            ]);
    }

    /// <summary>DEPTH_TO_SPACE: channels become blocks of positions.</summary>
    public static void DepthToSpace(TfliteGraph graph, TfliteOperator node)
    {
        (int[] from, int block) = Blocks(graph, node);
        if (from[2] % (block * block) != 0)
            throw graph.Fail(node, $"{from[2]} channels make no blocks of {block}x{block}");
        int depth = from[2] / (block * block);
        Copied(
            graph, node,
            [Enlarged(from[0], block), Enlarged(from[1], block), depth], place =>
            [
                place[0] / block, place[1] / block,
                (((place[0] % block * block) + (place[1] % block)) * depth) + place[2],
            ]);
    }

    /// <summary>RESIZE_NEAREST_NEIGHBOR.</summary>
    public static void ResizeNearest(TfliteGraph graph, TfliteOperator node)
    {
        int[] from = graph.Value(node, 0).Extents;
        bool isAligned = node.Option(0, 1) != 0, isHalf = node.Option(1, 1) != 0;
        if (from.Length != 3 || graph.Indices(node, 1) is not [long rows, long columns]
            || rows is < 1 or > Sizes.MostExtent || columns is < 1 or > Sizes.MostExtent)
            throw graph.Fail(node, "does not make rows and columns of an image");
        Copied(graph, node, [(int)rows, (int)columns, from[2]], place =>
            [Nearest(place[0], from[0], (int)rows), Nearest(place[1], from[1], (int)columns),
                place[2]]);

        // Its kernel computes in float32, which decides at ties.
        int Nearest(int to, int extent, int extents)
        {
            float scale = isAligned && extents > 1
                ? (extent - 1) / (float)(extents - 1)
                : extent / (float)extents;
            float at = (to + (isHalf ? 0.5f : 0f)) * scale;
            int nearest = (int)(isAligned
                ? MathF.Round(at, MidpointRounding.AwayFromZero)
                : MathF.Floor(at));
            return Math.Clamp(nearest, 0, extent - 1);
        }
    }

    /// <summary>A value of fewer or narrower axes as often as another's extents say.</summary>
    /// <exception cref="InputException">It does not fit those.</exception>
    public static int Broadcast(
        TfliteGraph graph, TfliteOperator node, TfliteValue value, int[] to, int operand = 0)
    {
        if (value.Extents.AsSpan().SequenceEqual(to)) return value.Index;
        int[] from =
            [.. Enumerable.Repeat(1, Math.Max(to.Length - value.Extents.Length, 0)),
                .. value.Extents];
        if (from.Length != to.Length || from.Where((e, d) => e != to[d] && e != 1).Any())
            throw graph.Fail(
                node, $"joins [1, {string.Join(", ", value.Extents)}] and "
                    + $"[1, {string.Join(", ", to)}] (supported: equal extents, or 1)");
        return graph.Emit(new RearrangeLayer(
            $"{TfliteOperators.LayerName(node)}/broadcast{operand}", [value.Index],
            TfliteGraph.Shaped(to),
            [.. Sources(graph, node, value, to, i => Flat(
                from, Place(to, i).Select((p, d) => from[d] == 1 ? 0 : p)))]));
    }

    /// <summary>Values that lie in a line in TensorFlow Lite's order, under extents.</summary>
    public static int Unflattened(TfliteGraph graph, string name, int line, int[] to)
    {
        TensorShape shape = TfliteGraph.Shaped(to);
        if (shape.Positions == 1) return line;
        int[] sources = new int[shape.Length];
        for (int i = 0; i < sources.Length; i++) sources[ChannelsFirst(shape, i)] = i;
        return graph.Emit(new RearrangeLayer($"{name}/shaped", [line], shape, [.. sources]));
    }

    /// <summary>Tensors one after the other along an axis that is not the channels'.</summary>
    /// <param name="graph">Where it goes.</param>
    /// <param name="node">The operator.</param>
    /// <param name="parts">What is joined.</param>
    /// <param name="axis">Rows or columns; the batch not counted.</param>
    public static int Stacked(
        TfliteGraph graph, TfliteOperator node, TfliteValue[] parts, int axis)
    {
        string name = TfliteOperators.LayerName(node);
        int[] to = [.. parts[0].Extents];
        to[axis] = (int)Math.Min(parts.Sum(p => (long)p.Extents[axis]), int.MaxValue);
        if (parts.Any(p => p.Extents.Where((e, d) => d != axis && e != to[d]).Any()))
            throw graph.Fail(node, "joins tensors whose other extents differ");
        if (Sizes.WhyNot(TfliteGraph.Shaped(to)) is { } large) throw graph.Fail(node, large);
        int joined = graph.Emit(new ConcatLayer(name, [.. parts.Select((p, i) => graph.Emit(
            RearrangeLayer.ChannelsLast($"{name}/flat{i}", [p.Index], graph.Shape(p))))]));

        // Where each part begins along the axis, and in the line of all values.
        var begins = new List<(int Axis, int Flat)>();
        foreach (TfliteValue part in parts)
            begins.Add(begins.Count == 0
                ? (0, 0)
                : (begins[^1].Axis + parts[begins.Count - 1].Extents[axis],
                    begins[^1].Flat + graph.Shape(parts[begins.Count - 1]).Length));
        var line = new TfliteValue(joined, [begins[^1].Flat + graph.Shape(parts[^1]).Length]);
        return graph.Emit(new RearrangeLayer(
            $"{name}/stacked", [joined], TfliteGraph.Shaped(to),
            [.. Sources(graph, node, line, to, i =>
            {
                int[] place = Place(to, i);
                int part = begins.FindLastIndex(b => b.Axis <= place[axis]);
                place[axis] -= begins[part].Axis;
                return begins[part].Flat + Flat(parts[part].Extents, place);
            })]));
    }

    /// <summary>The first output's values, each a copy of one of the first input's.</summary>
    /// <param name="graph">Where it goes.</param>
    /// <param name="node">The operator.</param>
    /// <param name="to">The output's extents.</param>
    /// <param name="source">The place of a value's source; null for none.</param>
    private static void Copied(
        TfliteGraph graph, TfliteOperator node, int[] to, Func<int[], int[]?> source)
    {
        int[] from = graph.Value(node, 0).Extents;
        Moved(
            graph, node, to, i => source(Place(to, i)) is { } place ? Flat(from, place) : -1);
    }

    /// <summary>The same by numbers of values, channels last.</summary>
    public static void Moved(
        TfliteGraph graph, TfliteOperator node, int[] to, Func<int, int> source, int input = 0,
        int output = 0)
    {
        TfliteValue value = graph.Value(node, input);
        string name = TfliteOperators.LayerName(node);
        int made = graph.Emit(new RearrangeLayer(
            output == 0 ? name : $"{name}/{output}", [value.Index], TfliteGraph.Shaped(to),
            [.. Sources(graph, node, value, to, source)]));
        graph.Moved(node, made, input, output);
    }

    private static int[] Sources(
        TfliteGraph graph, TfliteOperator node, TfliteValue value, int[] to,
        Func<int, int> source)
    {
        TensorShape from = graph.Shape(value), shape = TfliteGraph.Shaped(to);
        if (Sizes.WhyNot(shape) is { } large) throw graph.Fail(node, large);
        int[] sources = new int[shape.Length];
        for (int i = 0; i < sources.Length; i++)
            sources[ChannelsFirst(shape, i)] =
                source(i) is >= 0 and var at ? ChannelsFirst(from, at) : -1;
        return sources;
    }

    /// <summary>Where the i-th value, channels last, is with channels first.</summary>
    private static int ChannelsFirst(TensorShape shape, int i) =>
        (i % shape.Channels * shape.Positions) + (i / shape.Channels);

    /// <summary>Indices of the i-th value.</summary>
    public static int[] Place(int[] extents, int i)
    {
        int[] place = new int[extents.Length];
        for (int d = extents.Length - 1; d >= 0; d--)
        {
            place[d] = i % extents[d];
            i /= extents[d];
        }

        return place;
    }

    /// <summary>The number of the value with these indices.</summary>
    public static int Flat(int[] extents, IEnumerable<int> place) =>
        place.Zip(extents).Aggregate(0, (flat, p) => (flat * p.Second) + p.First);

    /// <summary>Pads of rows, columns and channels.</summary>
    private static (long Before, long After)[] Pads(TfliteGraph graph, TfliteOperator node)
    {
        long[] pads = graph.Indices(node, 1);
        return graph.Value(node, 0).Extents.Length == 3 && pads is [0, 0, _, _, _, _, _, _]
            && pads.All(p => p is >= 0 and <= Sizes.MostExtent)
                ? [(pads[2], pads[3]), (pads[4], pads[5]), (pads[6], pads[7])]
                : throw graph.Fail(node, "does not pad rows, columns and channels of an image");
    }

    private static int[] Padded(int[] from, (long Before, long After)[] pads) =>
    [
        .. from.Zip(pads, (e, p) => (int)Math.Min(e + p.Before + p.After, int.MaxValue)),
    ];

    private static int[] Less(int[] place, (long Before, long After)[] pads) =>
        [.. place.Zip(pads, (p, pad) => p - (int)pad.Before)];

    private static (int[] From, int Block) Blocks(TfliteGraph graph, TfliteOperator node)
    {
        int[] from = graph.Value(node, 0).Extents;
        int block = node.Option(0);
        return from.Length == 3 && block is >= 1 and <= 1 << 10
            ? (from, block)
            : throw graph.Fail(node, $"makes no blocks of {block} of an image");
    }

    private static int Enlarged(int extent, int block) =>
        (int)Math.Min((long)extent * block, int.MaxValue);
}
