using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// ConvTranspose as what hardware runs: zeros between the values of its input, then a convolution
/// with the filters turned round.
/// </summary>
internal static class TransposedConvolution
{
    public static void Add(OnnxGraph graph, OnnxNode node)
    {
        node = FloatWeights.Rounded(graph, node);
        OnnxValue value = graph.Value(node, 0);
        OnnxTensor weight = graph.Constant(node, 1);
        float[] weights = graph.Reals(node, 1);
        long[] kernel = MacOperators.Kernel(graph, node, value, weight);
        string auto = node.Text("auto_pad", "NOTSET");
        if (auto is not ("NOTSET" or "" or "VALID"))
            throw graph.Fail(
                node, $"auto_pad '{Brief.Name(auto)}' (supported: NOTSET and VALID, with pads)");
        int dimensions = kernel.Length;
        WindowGeometry w = Windows.Of(
            graph, node, kernel, OnnxGraph.ShapeOf(value.Extents));
        long[] more = Windows.Widened(
            node.Integers("output_padding") is { Count: > 0 } given
                ? given
                : [.. new long[dimensions]],
            dimensions, 0);
        if (more is not [>= 0, >= 0])
            throw graph.Fail(node, $"output_padding [{Brief.List(more)}] does not fit its window");
        int groups = graph.Size(node, "group", node.Integer("group", 1));
        int channels = (int)value.Extents[1];
        long outputs = weight.Shape[1] * groups;
        if (weight.Shape[0] != channels || channels % groups != 0)
            throw graph.Fail(
                node, $"its weights are {weight.ShapeText} for {channels} channels");
        int reachRows = w.DilationRows * (w.KernelRows - 1);
        int reachColumns = w.DilationColumns * (w.KernelColumns - 1);
        OnnxValue spread = Spread(
            graph, node, value, w,
            [
                reachRows - w.PadTop, reachColumns - w.PadLeft,
                reachRows - w.PadBottom + more[0], reachColumns - w.PadRight + more[1],
            ]);
        WindowGeometry window = new(
            w.KernelRows, w.KernelColumns, DilationRows: w.DilationRows,
            DilationColumns: w.DilationColumns, Groups: groups);
        int[] order = Turned(weights.Length, channels, groups, (int)weight.Shape[1], w);
        float[] turned = [.. order.Select(i => weights[i])];
        MacOperators.Add(
            graph, node, spread, graph.Size(node, "output channels", outputs), window, turned,
            (bias => RawConstant.Turned(weight, turned, order, (int)outputs, bias),
            FloatMacOrders.OfTransposed(
                graph, node, OnnxGraph.ShapeOf(value.Extents), groups,
                weight.Shape[1] * w.KernelRows * w.KernelColumns),
            null));
    }

    /// <summary>Stride - 1 zeros between values, and a border, or less than none.</summary>
    private static OnnxValue Spread(
        OnnxGraph graph, OnnxNode node, OnnxValue value, WindowGeometry w, long[] border)
    {
        TensorShape from = OnnxGraph.ShapeOf(value.Extents);
        long rows = ((long)(from.Rows - 1) * w.StrideRows) + 1 + border[0] + border[2];
        long columns = ((long)(from.Columns - 1) * w.StrideColumns) + 1 + border[1] + border[3];
        graph.Size(node, "rows", rows);
        graph.Size(node, "columns", columns);
        int[] sources = new int[Sizes.Values(from.Channels, Sizes.Values((int)rows, (int)columns))];
        for (int i = 0; i < sources.Length; i++)
        {
            long y = (i / columns % rows) - border[0], x = (i % columns) - border[1];
            bool isValue = y >= 0 && x >= 0 && y % w.StrideRows == 0 && x % w.StrideColumns == 0
                && y / w.StrideRows < from.Rows && x / w.StrideColumns < from.Columns;
            long channel = i / (rows * columns);
            sources[i] = isValue
                ? (int)((((channel * from.Rows) + (y / w.StrideRows)) * from.Columns)
                    + (x / w.StrideColumns))
                : -1;
        }

        return graph.Rearranged(
            node, value,
            value.Rank == 3 ? [1, from.Channels, columns] : [1, from.Channels, rows, columns],
            sources);
    }

    /// <summary>
    /// [in][out / groups][k] to [out][in / groups][k turned round]: for each weight where it was.
    /// </summary>
    private static int[] Turned(
        int length, int channels, int groups, int outputs, WindowGeometry w)
    {
        int taps = w.KernelRows * w.KernelColumns, inputs = channels / groups;
        var turned = new int[length];
        for (int o = 0; o < outputs * groups; o++)
            for (int i = 0; i < inputs; i++)
                for (int k = 0; k < taps; k++)
                {
                    int from = ((((o / outputs * inputs) + i) * outputs) + (o % outputs)) * taps;
                    turned[(((o * inputs) + i) * taps) + k] = from + taps - 1 - k;
                }

        return turned;
    }
}
