using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators that pool.</summary>
internal static class PoolOperators
{
    /// <summary>Maximum over a window.</summary>
    public static void Max(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        graph.Add(
            node, new MaxPool2dLayer(graph.Name(node), [value.Tensor], Window(graph, node, value)),
            4);
    }

    /// <summary>Mean over a window.</summary>
    public static void Average(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        bool countsPadding =
            node.Integer("count_include_pad", 0) != 0
            && node.Integers("pads")?.Any(p => p != 0) == true;
        if (countsPadding)
            throw graph.Fail(
                node,
                "count_include_pad with padding is not supported (supported: count_include_pad 0)");
        graph.Add(
            node,
            new AveragePool2dLayer(graph.Name(node), [value.Tensor], Window(graph, node, value)),
            4);
    }

    /// <summary>Maximum over each channel.</summary>
    public static void GlobalMax(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        graph.Add(
            node, new MaxPool2dLayer(graph.Name(node), [value.Tensor], Whole(graph.Shape(value))),
            4);
    }

    /// <summary>Mean over each channel.</summary>
    public static void GlobalAverage(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        graph.Add(
            node,
            new AveragePool2dLayer(graph.Name(node), [value.Tensor], Whole(graph.Shape(value))), 4);
    }

    /// <summary>The same, as PyTorch exports <c>x.mean([2, 3])</c>.</summary>
    public static void ReduceMean(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        IReadOnlyList<long> axes = OnnxGraph.Has(node, 1)
            ? graph.Integers(node, 1)
            : node.Integers("axes") ?? [];
        if (value.Rank != 4 || !axes.Select(a => a < 0 ? a + 4 : a).Order().SequenceEqual([2, 3]))
            throw graph.Fail(
                node,
                $"axes [{Brief.List(axes)}] are not supported (supported: rows and columns, "
                    + "[2, 3])");
        graph.Add(
            node,
            new AveragePool2dLayer(graph.Name(node), [value.Tensor], Whole(graph.Shape(value))),
            node.Integer("keepdims", 1) != 0 ? 4 : 2);
    }

    private static WindowGeometry Window(OnnxGraph graph, OnnxNode node, OnnxValue value)
    {
        if (value.Rank != 4)
            throw graph.Fail(node, "pools features, where rows and columns are needed");
        IReadOnlyList<long> kernel =
            node.Integers("kernel_shape") ?? throw graph.Fail(node, "has no kernel_shape");
        if (node.Integers("dilations")?.Any(d => d != 1) == true)
            throw graph.Fail(node, "dilations are not supported");
        if (node.Outputs.Skip(1).Any(o => o.Length > 0))
            throw graph.Fail(node, "the indices of maxima are not supported");
        return Windows.Of(graph, node, kernel, graph.Shape(value));
    }

    private static WindowGeometry Whole(TensorShape shape) =>
        new(shape.Rows, shape.Columns, shape.Rows, shape.Columns);
}
