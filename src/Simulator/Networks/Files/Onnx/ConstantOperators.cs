namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Operators on constants: the arithmetic of shapes that exporters leave in the graph, for a batch
/// of one.
/// </summary>
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
                _ => throw graph.Fail(
                    node,
                    $"attribute '{value.Name}' is not supported (supported: value, value_int, "
                        + "value_ints, value_float)"),
            });
    }

    /// <summary>The extents of a value.</summary>
    public static void Shape(OnnxGraph graph, OnnxNode node)
    {
        long[] extents = graph.IsConstant(node, 0)
            ? [.. graph.Constant(node, 0).Shape]
            : graph.Extents(graph.Value(node, 0));
        graph.Set(node, new OnnxTensor("", [extents.Length], null, extents));
    }

    /// <summary>Some of the numbers of a shape.</summary>
    public static void Gather(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> from = graph.Integers(node, 0), indices = graph.Integers(node, 1);
        if (indices.Any(i => i < -from.Count || i >= from.Count))
            throw graph.Fail(node, "an index is out of range");
        graph.Set(
            node,
            new OnnxTensor(
                "", graph.Constant(node, 1).Shape, null,
                [.. indices.Select(i => from[(int)(i < 0 ? i + from.Count : i)])]));
    }

    /// <summary>A run of the numbers of a shape.</summary>
    public static void Slice(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> from = graph.Integers(node, 0);
        int Bound(int index, string attribute)
        {
            long at = OnnxGraph.Has(node, index)
                ? graph.Integer(node, index)
                : (node.Integers(attribute) ?? []).FirstOrDefault();
            return (int)Math.Clamp(at < 0 ? at + from.Count : at, 0, from.Count);
        }

        if (OnnxGraph.Has(node, 4) && graph.Integer(node, 4) != 1)
            throw graph.Fail(node, "steps are not supported");
        long[] part = [.. from.Take(Bound(2, "ends")).Skip(Bound(1, "starts"))];
        graph.Set(node, new OnnxTensor("", [part.Length], null, part));
    }
}
