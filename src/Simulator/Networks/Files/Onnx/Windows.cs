using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>The windows of convolutions and pools.</summary>
internal static class Windows
{
    /// <summary>What a node's attributes say.</summary>
    /// <param name="graph">For messages.</param>
    /// <param name="node">The node.</param>
    /// <param name="kernel">Rows and columns.</param>
    /// <param name="input">What it slides over.</param>
    public static WindowGeometry Of(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> kernel, TensorShape input)
    {
        IReadOnlyList<long> strides = node.Integers("strides") ?? [1, 1];
        IReadOnlyList<long> dilations = node.Integers("dilations") ?? [1, 1];
        IReadOnlyList<long> pads = node.Integers("pads") ?? [0, 0, 0, 0];
        if (kernel.Count != 2
            || strides.Count != 2
            || dilations.Count != 2
            || pads.Count != 4)
            throw graph.Fail(
                node,
                "its kernel, strides, dilations or pads are not those of a two-dimensional window");
        Side SideOf(int axis, int extent) => new(
            extent, graph.Size(node, "kernel", kernel[axis]),
            graph.Size(node, "stride", strides[axis]),
            graph.Size(node, "dilation", dilations[axis]),
            graph.Size(node, "pad", pads[axis], 0), graph.Size(node, "pad", pads[axis + 2], 0));
        Side rows = SideOf(0, input.Rows), columns = SideOf(1, input.Columns);
        string auto = node.Text("auto_pad", "NOTSET");
        (rows, columns) = auto switch
        {
            "NOTSET" or "" => (rows, columns),
            "VALID" => (
                rows with { Before = 0, After = 0 }, columns with { Before = 0, After = 0 }),
            "SAME_UPPER" => (rows.Same(false), columns.Same(false)),
            "SAME_LOWER" => (rows.Same(true), columns.Same(true)),
            _ => throw graph.Fail(node, $"auto_pad '{auto}' is not known"),
        };
        if (node.Integer("ceil_mode", 0) != 0)
            (rows, columns) = (rows.Ceiling(), columns.Ceiling());
        int Pad(long zeros) => graph.Size(node, "padding", zeros, 0);
        return new(
            (int)rows.Kernel, (int)columns.Kernel, (int)rows.Stride, (int)columns.Stride,
            Pad(rows.Before), Pad(columns.Before), Pad(rows.After), Pad(columns.After),
            (int)rows.Dilation, (int)columns.Dilation);
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

    /// <summary>A window in one direction.</summary>
    private sealed record Side(
        long Input, long Kernel, long Stride, long Dilation, long Before, long After)
    {
        private long Span => (Dilation * (Kernel - 1)) + 1;

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
