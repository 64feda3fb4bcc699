using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators that pool.</summary>
internal static class PoolOperators
{
    /// <summary>Maximum over a window.</summary>
    public static void Max(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        (WindowGeometry window, _) = Window(graph, node, value);
        Pool(graph, node, value, window, isMax: true);
    }

    /// <summary>
    /// Mean over a window; zeros that count are put there before, and are then like any value.
    /// </summary>
    public static void Average(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        (WindowGeometry window, long[] pads) = Window(graph, node, value);
        FloatSum? order = SumOrders.OfWindow(graph, value, window);
        if (node.Integer("count_include_pad", 0) != 0 && window.HasPadding)
        {
            if (CountsAll(graph, node, window, pads))
                pads = [window.PadTop, window.PadLeft, window.PadBottom, window.PadRight];
            value = PadOperator.Padded(graph, node, value, pads);
            window = window with
            {
                PadTop = 0,
                PadLeft = 0,
                PadBottom = window.PadBottom - (int)pads[2],
                PadRight = window.PadRight - (int)pads[3],
            };
        }

        Pool(graph, node, value, window, isMax: false, AverageForm.Windows, order);
    }

    /// <summary>
    /// Whether zeros count that a last window (ceil_mode) reaches behind the padding: in ONNX
    /// Runtime's operators of integers.
    /// </summary>
    private static bool CountsAll(
        OnnxGraph graph, OnnxNode node, WindowGeometry window, long[] pads) =>
        graph.HasNumbers && (window.PadBottom > pads[2] || window.PadRight > pads[3])
        && (node.Operator != "AveragePool"
            || (PairTypes.AreIntegers(graph, node) ?? throw graph.Fail(
                node, "its last window sticks out (ceil_mode) and counts padding, ahead of a clamp "
                    + "that decides whether ONNX Runtime has an operator of integers for it, which "
                    + "counts more (supported: QuantizeLinear right behind it)")));

    /// <summary>Maximum over each channel.</summary>
    public static void GlobalMax(OnnxGraph graph, OnnxNode node) =>
        Global(graph, node, isMax: true);

    /// <summary>Mean over each channel.</summary>
    public static void GlobalAverage(OnnxGraph graph, OnnxNode node) =>
        Global(graph, node, isMax: false);

    private static void Global(OnnxGraph graph, OnnxNode node, bool isMax)
    {
        OnnxValue value = graph.Value(node, 0);
        if (value.Rank is not (3 or 4))
            throw graph.Fail(node, $"pools {value.Rank} dimensions (supported: 3 and 4)");
        TensorShape shape = OnnxGraph.ShapeOf(value.Extents);
        Pool(
            graph, node, value,
            new(shape.Rows, shape.Columns, shape.Rows, shape.Columns), isMax,
            order: isMax ? null : SumOrders.OfChannel(graph, node));
    }

    /// <summary>Adds a pool.</summary>
    public static void Pool(
        OnnxGraph graph, OnnxNode node, OnnxValue value, WindowGeometry window, bool isMax,
        AverageForm form = AverageForm.Sums, FloatSum? order = null)
    {
        int input = graph.Canonical(node, value);
        FloatLayer layer = isMax
            ? new MaxPool2dLayer(graph.Name(node), [input], window)
            : new AveragePool2dLayer(graph.Name(node), [input], window)
            {
                Form = form,
                Order = order,
                IsUnsigned = PairTypes.AreUnsigned(graph, node),
                IsOfNumbers = PairTypes.IsOfNumbers(graph, node),
            };
        graph.SetMaps(node, graph.Add(node, layer), value.Rank);
    }

    private static (WindowGeometry Window, long[] Declared) Window(
        OnnxGraph graph, OnnxNode node, OnnxValue value)
    {
        IReadOnlyList<long> kernel =
            node.Integers("kernel_shape") ?? throw graph.Fail(node, "has no kernel_shape");
        if (value.Rank != kernel.Count + 2 || value.Extents[0] != 1)
            throw graph.Fail(
                node,
                $"pools [{Brief.List(value.Extents)}] by a window of {kernel.Count} dimensions "
                    + "(supported: 1 or 2, behind batch and channels)");
        return Windows.Split(graph, node, kernel, OnnxGraph.ShapeOf(value.Extents));
    }
}
