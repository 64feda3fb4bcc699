using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>The windows of convolutions and pools, of one or two dimensions.</summary>
internal static class Windows
{
    /// <summary>What a node's attributes say.</summary>
    /// <param name="graph">For messages.</param>
    /// <param name="node">The node.</param>
    /// <param name="kernel">Extents of the window.</param>
    /// <param name="input">What it slides over; one dimension lies in the columns.</param>
    public static WindowGeometry Of(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> kernel, TensorShape input)
    {
        (Side rows, Side columns) = Sides(graph, node, kernel, input);
        string auto = node.Text("auto_pad", "NOTSET");
        (rows, columns) = auto switch
        {
            "NOTSET" or "" => (rows, columns),
            "VALID" => (rows.Unpadded(), columns.Unpadded()),
            "SAME_UPPER" => (rows.Same(false), columns.Same(false)),
            "SAME_LOWER" => (rows.Same(true), columns.Same(true)),
            _ => throw graph.Fail(node, $"auto_pad '{Brief.Name(auto)}' is not known"),
        };
        if (node.Integer("ceil_mode", 0) != 0)
            (rows, columns) = (rows.Ceiling(), columns.Ceiling());
        int Pad(long zeros) => graph.Size(node, "padding", zeros, 0);
        return new(
            (int)rows.Kernel, (int)columns.Kernel, (int)rows.Stride, (int)columns.Stride,
            Pad(rows.Before), Pad(columns.Before), Pad(rows.After), Pad(columns.After),
            (int)rows.Dilation, (int)columns.Dilation);
    }

    /// <summary>
    /// The same window, and of its padding that which is declared; the rest is what a last window
    /// that sticks out (ceil_mode) reaches.
    /// </summary>
    public static (WindowGeometry Window, long[] Declared) Split(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> kernel, TensorShape input)
    {
        WindowGeometry whole = Of(graph, node, kernel, input);
        OnnxNode floor = node with
        {
            Attributes = node.Attributes.Where(a => a.Key != "ceil_mode").ToDictionary(),
        };
        WindowGeometry declared = Of(graph, floor, kernel, input);
        return (
            whole,
            [declared.PadTop, declared.PadLeft, declared.PadBottom, declared.PadRight]);
    }

    /// <summary>A window with more zeros around what it slides over.</summary>
    public static WindowGeometry Padded(
        OnnxGraph graph, OnnxNode node, WindowGeometry window, IReadOnlyList<long>? padding)
    {
        int Sum(int own, int side) => graph.Size(
            node, "padding", own + (long)graph.Size(node, "padding", padding[side], 0), 0);
        return padding is null
            ? window
            : window with
            {
                PadTop = Sum(window.PadTop, 0),
                PadLeft = Sum(window.PadLeft, 1),
                PadBottom = Sum(window.PadBottom, 2),
                PadRight = Sum(window.PadRight, 3),
            };
    }

    /// <summary>Numbers by spatial dimension for rows and columns.</summary>
    /// <param name="numbers">One or two of them, or twice as many.</param>
    /// <param name="dimensions">How many spatial dimensions.</param>
    /// <param name="spare">What the rows of one dimension have.</param>
    public static long[] Widened(IReadOnlyList<long> numbers, int dimensions, long spare) =>
        (dimensions, numbers.Count) switch
        {
            (1, 1) => [spare, numbers[0]],
            (1, 2) => [spare, numbers[0], spare, numbers[1]],
            _ => [.. numbers],
        };

    private static (Side Rows, Side Columns) Sides(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> kernel, TensorShape input)
    {
        int dimensions = kernel.Count;
        long[] Numbers(string name, int count, long fallback)
        {
            IReadOnlyList<long> own = node.Integers(name) is { Count: > 0 } given
                ? given
                : [.. Enumerable.Repeat(fallback, count * dimensions)];
            return own.Count == count * dimensions
                ? Widened(own, dimensions, fallback)
                : throw graph.Fail(
                    node, $"{name} [{Brief.List(own)}] are not those of {dimensions} dimensions");
        }

        if (dimensions is < 1 or > 2)
            throw graph.Fail(
                node, $"its window has {dimensions} dimensions (supported: 1 and 2)");
        long[] kernels = Widened(kernel, dimensions, 1), strides = Numbers("strides", 1, 1),
            dilations = Numbers("dilations", 1, 1), pads = Numbers("pads", 2, 0);
        Side SideOf(int axis, int extent) => new(
            extent, graph.Size(node, "kernel", kernels[axis]),
            graph.Size(node, "stride", strides[axis]),
            graph.Size(node, "dilation", dilations[axis]),
            graph.Size(node, "pad", pads[axis], 0), graph.Size(node, "pad", pads[axis + 2], 0));
        return (SideOf(0, input.Rows), SideOf(1, input.Columns));
    }

    /// <summary>A window in one direction.</summary>
    private sealed record Side(
        long Input, long Kernel, long Stride, long Dilation, long Before, long After)
    {
        private long Span => (Dilation * (Kernel - 1)) + 1;

        public Side Unpadded() => this with { Before = 0, After = 0 };

        /// <summary>
        /// Padded so that a stride of one keeps the extent; an odd rest goes behind, or before.
        /// </summary>
        public Side Same(bool isBefore)
        {
            long total = Math.Max(
                0, ((((Input + Stride - 1) / Stride) - 1) * Stride) + Span - Input);
            long less = total / 2;
            long more = total - less;
            return this with { Before = isBefore ? more : less, After = isBefore ? less : more };
        }

        /// <summary>
        /// Padded behind so that a last window that sticks out counts, if it starts inside.
        /// </summary>
        public Side Ceiling()
        {
            long missing = (Stride - ((Input + Before + After - Span) % Stride)) % Stride;
            long start = Input + Before + After + missing - Span;
            return start < Input + Before ? this with { After = After + missing } : this;
        }
    }
}
