namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators that make constants, for a batch of one.</summary>
internal static class ConstantOperators
{
    /// <summary>A constant in an attribute.</summary>
    public static void Constant(OnnxGraph graph, OnnxNode node)
    {
        OnnxAttribute value =
            node.Attributes.Values.FirstOrDefault() ?? throw graph.Fail(node, "has no value");
        graph.Set(
            node,
            value.Name switch
            {
                "value" when value.Tensor is { } tensor => tensor,
                "value_int" => new OnnxTensor("", [], null, [value.Integer]),
                "value_ints" => new OnnxTensor("", [value.Integers.Count], null, value.Integers),
                "value_float" => new OnnxTensor("", [], [value.Real], null),
                "value_floats" => new OnnxTensor("", [value.Reals.Count], [.. value.Reals], null),
                _ => throw graph.Fail(node, "has no value"),
            });
    }

    /// <summary>One number as often as a shape says.</summary>
    public static void ConstantOfShape(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Integers(node, 0);
        OnnxTensor value = node.Attributes.GetValueOrDefault("value")?.Tensor
            ?? new("", [1], [0], null);
        long count = OnnxTensor.CountOf(shape);
        if (count < 0 || value.Length != 1)
            throw graph.Fail(node, $"makes [{Brief.List(shape)}] of {value.Length} numbers");
        graph.Set(node, value.Picked(shape, new int[count]));
    }

    /// <summary>The extents of a value.</summary>
    public static void Shape(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> extents = MoveOperators.Extents(graph, node);
        int rank = extents.Count;
        int At(long axis) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
        int start = At(node.Integer("start", 0)), end = At(node.Integer("end", rank));
        long[] part = [.. extents.Take(end).Skip(start)];
        graph.Set(node, new OnnxTensor("", [part.Length], null, part));
    }
}
