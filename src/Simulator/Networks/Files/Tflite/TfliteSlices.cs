namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Operators that take a part of a tensor.</summary>
internal static class TfliteSlices
{
    /// <summary>SLICE: from a place on, so many; -1 for all.</summary>
    public static void Slice(TfliteGraph graph, TfliteOperator node)
    {
        int[] extents = [1, .. graph.Value(node, 0).Extents];
        long[] begin = graph.Indices(node, 1), size = graph.Indices(node, 2);
        if (begin.Length != extents.Length || size.Length != extents.Length)
            throw graph.Fail(node, $"its begin and size do not have {extents.Length} numbers");
        Take(graph, node, [.. extents.Select((extent, d) =>
        {
            long count = size[d] == -1 ? extent - begin[d] : size[d];
            return begin[d] >= 0 && count >= 1 && begin[d] + count <= extent
                ? new Part((int)begin[d], 1, (int)count)
                : throw graph.Fail(
                    node, $"takes {size[d]} from {begin[d]} on along axis {d}, which has {extent}");
        })]);
    }

    /// <summary>STRIDED_SLICE: every so many-th from a place up to another.</summary>
    public static void StridedSlice(TfliteGraph graph, TfliteOperator node)
    {
        const int Begin = 0, End = 1, Ellipsis = 2, NewAxis = 3, Gone = 4, Offset = 5;
        int[] extents = [1, .. graph.Value(node, 0).Extents];
        long[] begin = graph.Indices(node, 1), end = graph.Indices(node, 2),
            strides = graph.Indices(node, 3);
        if (node.Option(Ellipsis) != 0 || node.Option(NewAxis) != 0 || node.Option(Offset, 1) != 0)
            throw graph.Fail(node, "has an ellipsis, a new axis or ends that are offsets");
        if (begin.Length > extents.Length || end.Length != begin.Length
            || strides.Length != begin.Length || strides.Any(s => s is 0 or > int.MaxValue
                or < int.MinValue))
            throw graph.Fail(
                node, $"its begin, end and strides are {begin.Length}, {end.Length} and "
                    + $"{strides.Length} numbers for {extents.Length} axes, or a stride is 0");
        Take(graph, node, [.. extents.Select((extent, d) =>
        {
            if (d >= begin.Length) return new Part(0, 1, extent);
            int step = (int)strides[d];
            bool isGone = Has(Gone, d);
            long low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
            long from = Has(Begin, d) && !isGone ? (step > 0 ? low : high) : At(begin[d]);
            long to = isGone ? from + 1 : Has(End, d) ? (step > 0 ? high : low) : At(end[d]);
            if (isGone) step = 1;
            long count = (to - from + step - Math.Sign(step)) / step;
            return count >= 1 && from >= 0 && from < extent
                ? new Part((int)from, step, (int)count) { IsGone = isGone }
                : throw graph.Fail(node, $"takes nothing along axis {d}");

            long At(long place) => Math.Clamp(place < 0 ? place + extent : place, low, high);
        })]);

        bool Has(int option, int axis) => ((node.Option(option) >> axis) & 1) != 0;
    }

    /// <summary>SPLIT into equal parts.</summary>
    public static void Split(TfliteGraph graph, TfliteOperator node)
    {
        int axis = Axis(graph, node, 0, 1), count = node.Outputs.Length;
        int extent = graph.Value(node, 1).Extents[axis - 1];
        if (extent % count != 0)
            throw graph.Fail(node, $"{extent} values make no {count} equal parts");
        Split(graph, node, 1, axis, [.. Enumerable.Repeat(extent / count, count)]);
    }

    /// <summary>SPLIT_V: into parts that are listed, one of them perhaps the rest.</summary>
    public static void SplitListed(TfliteGraph graph, TfliteOperator node)
    {
        int axis = Axis(graph, node, 2, 0);
        long[] sizes = graph.Indices(node, 1);
        int extent = graph.Value(node, 0).Extents[axis - 1];
        long rest = extent - sizes.Where(s => s > 0).Sum();
        sizes = [.. sizes.Select(s => s == -1 ? rest : s)];
        if (sizes.Length != node.Outputs.Length || sizes.Any(s => s < 1) || sizes.Sum() != extent)
            throw graph.Fail(
                node, $"makes parts of {string.Join(", ", sizes)} of {extent} values");
        Split(graph, node, 0, axis, [.. sizes.Select(s => (int)s)]);
    }

    private static void Split(
        TfliteGraph graph, TfliteOperator node, int input, int axis, int[] sizes)
    {
        int[] extents = [1, .. graph.Value(node, input).Extents];
        for (int output = 0, from = 0; output < sizes.Length; from += sizes[output++])
        {
            Part[] parts = [.. extents.Select(e => new Part(0, 1, e))];
            parts[axis] = new(from, 1, sizes[output]);
            Take(graph, node, parts, input, output);
        }
    }

    private static int Axis(TfliteGraph graph, TfliteOperator node, int operand, int input)
    {
        int rank = graph.Value(node, input).Extents.Length + 1;
        return graph.Indices(node, operand) is [long axis]
            && (axis < 0 ? axis + rank : axis) is > 0 and var at && at < rank
                ? (int)at
                : throw graph.Fail(node, "does not split along an axis of the image");
    }

    private static void Take(
        TfliteGraph graph, TfliteOperator node, Part[] parts, int input = 0, int output = 0)
    {
        if (parts[0].IsGone) throw graph.Fail(node, "takes the batch away");
        int[] from = graph.Value(node, input).Extents;
        Part[] inner = parts[1..];
        int[] kept = [.. inner.Where(p => !p.IsGone).Select(p => p.Count)];
        int[] all = [.. inner.Select(p => p.Count)];
        if (kept.Length == 0) kept = [1];

        // Axes that go have one value: places are the same with and without them.
        TfliteMoves.Moved(
            graph, node, kept,
            i => TfliteMoves.Flat(
                from, TfliteMoves.Place(all, i).Zip(inner, (p, part) =>
                    part.Start + (p * part.Step))),
            input, output);
    }

    private readonly record struct Part(int Start, int Step, int Count)
    {
        public bool IsGone { get; init; }
    }
}
