namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>Random operators that copy values, each of an image.</summary>
internal static class TfliteMovesRandom
{
    public static IReadOnlyDictionary<string, TfliteRandom.Made> Operators { get; } =
        new Dictionary<string, TfliteRandom.Made>
        {
            ["depth-to-space"] = (m, x, r) =>
            {
                x = m.Mac(3, x, 4 * (1 + r.Next(3)), 1, 1, true, 0);
                return m.Moves(
                    5, x, [1, x.Rows * 2, x.Columns * 2, x.Channels / 4], new() { [0] = 2 });
            },
            ["space-to-depth"] = (m, x, r) =>
            {
                x = m.Moves(
                    97, x, [1, 6, 4, x.Channels], [], [6, 4]);
                return m.Moves(26, x, [1, 3, 2, x.Channels * 4], new() { [0] = 2 });
            },
            ["transpose"] = (m, x, r) =>
            {
                int[] axes = [1, 2, 3];
                r.Shuffle(axes);
                return m.Moves(39, x, [1, .. axes.Select(a => x.Shape[a])], [], [0, .. axes]);
            },
            ["nearest"] = (m, x, r) =>
            {
                int rows = 1 + r.Next(12), columns = 1 + r.Next(12), kind = r.Next(3);
                return m.Moves(
                    97, x, [1, rows, columns, x.Channels],
                    kind == 0 ? [] : new() { [kind - 1] = (byte)1 }, [rows, columns]);
            },
            ["mirror"] = (m, x, r) =>
            {
                int mode = r.Next(2);
                int[] pads = [.. x.Shape.SelectMany((e, d) => d is 1 or 2
                    ? new[] { r.Next(e), r.Next(e) }
                    : [0, 0])];
                return m.Moves(
                    100, x, [1, x.Rows + pads[2] + pads[3], x.Columns + pads[4] + pads[5],
                        x.Channels],
                    new() { [0] = (byte)mode }, pads);
            },
            ["slice"] = (m, x, r) =>
            {
                int[] begin = [.. x.Shape.Select(e => r.Next(e))];
                int[] size = [.. x.Shape.Select((e, d) => 1 + r.Next(e - begin[d]))];
                int[] written = [.. size.Select((s, d) =>
                    s == x.Shape[d] - begin[d] && r.Next(2) == 0 ? -1 : s)];
                return m.Moves(65, x, size, [], begin, written);
            },
            ["strided"] = Strided,
            ["split"] = (m, x, r) =>
            {
                x = m.Mac(3, x, 6, 1, 1, true, 0);
                int axis = r.Next(2) == 0 ? 3 : -1;
                int count = 2 + r.Next(2);
                TestTensor[] parts = m.MovesTo(
                    49, x, [.. Enumerable.Repeat(new[] { 1, x.Rows, x.Columns, 6 / count }, count)],
                    new() { [0] = count }, true, [axis]);
                return m.Joined(3, [.. parts.Reverse()]);
            },
            ["split-listed"] = (m, x, r) =>
            {
                int first = 1 + r.Next(x.Rows - 1);
                TestTensor[] parts = m.MovesTo(
                    102, x,
                    [[1, first, x.Columns, x.Channels], [1, x.Rows - first, x.Columns, x.Channels]],
                    new() { [0] = 2 }, false, [first, r.Next(2) == 0 ? -1 : x.Rows - first], [1]);
                return m.Joined(1, parts[1], parts[0]);
            },
            ["stack"] = (m, x, r) =>
            {
                TestTensor pooled = m.Pool(x, true, 2, 1, true);
                return m.Joined(1 + r.Next(2), x, pooled, x);
            },
            ["gate"] = (m, x, r) =>
            {
                TestTensor gate = m.Table(14, m.Mac(3, x, x.Channels, 1, 1, true, 0));
                return m.Scaled(x, m.Moves(
                    65, gate, [1, 1, 1, x.Channels], [], [0, 0, 0, 0], [1, 1, 1, -1]));
            },
        };

    private static TestTensor Strided(TfliteTestModel model, TestTensor x, Random random)
    {
        int[] begin = new int[4], end = new int[4], strides = new int[4], shape = new int[4];
        int beginMask = 0, endMask = 0, gone = 0;
        for (int d = 0; d < 4; d++)
        {
            int extent = x.Shape[d];
            strides[d] = d == 0 ? 1 : random.Next(4) switch { 0 => 2, 1 => -1, _ => 1 };
            (int low, int high) = (random.Next(extent), 0);
            high = low + 1 + random.Next(extent - low);
            (begin[d], end[d]) = strides[d] > 0 ? (low, high) : (high - 1, low - 1);
            shape[d] = ((high - low) + Math.Abs(strides[d]) - 1) / Math.Abs(strides[d]);
            if (strides[d] < 0 && end[d] < 0) endMask |= 1 << d;
            else if (strides[d] > 0 && high == extent && random.Next(2) == 0) endMask |= 1 << d;
            if (strides[d] > 0 && low == 0 && random.Next(2) == 0) beginMask |= 1 << d;
            if (random.Next(2) == 0) begin[d] -= extent;
            if (d is 1 or 2 && gone == 0 && random.Next(3) == 0)
            {
                (gone, strides[d]) = (1 << d, 1);
                (begin[d], end[d]) = (low, low + 1);
                beginMask &= ~gone;
                endMask &= ~gone;
            }
        }

        return model.Moves(
            45, x, [.. shape.Where((_, d) => ((gone >> d) & 1) == 0)],
            new() { [0] = beginMask, [1] = endMask, [4] = gone }, begin, end, strides);
    }
}
