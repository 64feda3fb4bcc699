namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Norms whose mean and variance are those of each image, as what hardware computes one after the
/// other: a mean, differences, their squares, the mean of these, the inverse of its root from a
/// table, products.
/// </summary>
internal static class NormOperators
{
    /// <summary>LayerNormalization: over an axis and all behind it.</summary>
    public static void Layer(OnnxGraph graph, OnnxNode node)
    {
        if (graph.HasNumbers)
        {
            LayerNorms.Add(graph, node);
            return;
        }

        OnnxValue value = graph.Value(node, 0);
        if (!OnnxGraph.Has(node, 1)) throw graph.Fail(node, "input 1 is not there");
        int first = graph.Axis(node, node.Integer("axis", -1), value.Rank);
        Add(
            graph, node, [.. Enumerable.Range(first, value.Rank - first).Select(a => (long)a)],
            node.Inputs[1], OnnxGraph.Has(node, 2) ? node.Inputs[2] : null);
    }

    /// <summary>InstanceNormalization: over the positions of each channel.</summary>
    public static void Instance(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        if (value.Rank < 3) throw graph.Fail(node, "has an input without positions");
        string[] perChannel =
        [
            .. new[] { 1, 2 }.Select(i =>
            {
                float[] reals = graph.Reals(node, i);
                string name = graph.Unused($"{node.Outputs[0]}/channels{i}");
                graph.Set(
                    node with { Outputs = [name] },
                    new OnnxTensor(
                        "", [reals.Length, .. Enumerable.Repeat(1L, value.Rank - 2)], reals, null));
                return name;
            }),
        ];
        Add(
            graph, node, [.. Enumerable.Range(2, value.Rank - 2).Select(a => (long)a)],
            perChannel[0], perChannel[1]);
    }

    /// <summary>
    /// A sum that a batch norm takes over: its factors, the other value, then its addends.
    /// </summary>
    /// <returns>Whether it was one.</returns>
    public static bool Sum(OnnxGraph graph, OnnxNode node)
    {
        int input = SumOrders.NormOf(graph, node);
        if (input < 0) return false;
        OnnxValue value = graph.Value(node, input);
        if (graph.Layers[value.Tensor - 1] is not BatchNormLayer { Float32: { } own } norm)
            return false;
        float[] none = new float[norm.Shift.Length], same = [.. none.Select(_ => 1f)];
        int scaled = graph.Add(
            node, norm with
            {
                Name = graph.Name(node),
                Shift = none,
                Float32 = own with { Shifts = none },
            });
        int sum = graph.Add(
            node,
            new AddLayer(
                graph.Name(node),
                [scaled, graph.Canonical(node, graph.Value(node, 1 - input))]));
        graph.Add(
            node,
            new BatchNormLayer(graph.Name(node), [sum], same, norm.Shift)
            {
                Float32 = new(false, same, own.Shifts),
            },
            value.Extents);
        return true;
    }

    private static void Add(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> axes, string scale, string? bias)
    {
        string name = node.Outputs[0];
        OnnxNode Part(string part, params string[] inputs) => node with
        {
            Name = $"{(node.Name.Length > 0 ? node.Name : "norm")}/{part}",
            Inputs = inputs,
            Outputs = [$"{name}/{part}"],
            Attributes = new Dictionary<string, OnnxAttribute>(),
        };
        OnnxNode Mean(string part, string of) => Part(part, of) with
        {
            Attributes = new Dictionary<string, OnnxAttribute>
            {
                ["axes"] = new("axes", 0, 0, "", axes, null),
            },
        };
        ReduceOperators.Reduce(graph, Mean("mean", node.Inputs[0]), ReductionKind.Mean);
        ElementOperators.Sub(graph, Part("centred", node.Inputs[0], $"{name}/mean"));
        ElementOperators.Mul(graph, Part("squared", $"{name}/centred", $"{name}/centred"));
        ReduceOperators.Reduce(
            graph, Mean("variance", $"{name}/squared"), ReductionKind.Mean);
        ElementOperators.Point(
            graph, Part("inverse", $"{name}/variance"), PointFunction.InverseRoot,
            node.Real("epsilon", 1e-5f));
        ElementOperators.Mul(graph, Part("unit", $"{name}/centred", $"{name}/inverse"));
        OnnxNode last = node with { Attributes = new Dictionary<string, OnnxAttribute>() };
        if (bias is null)
        {
            ElementOperators.Mul(graph, last with { Inputs = [$"{name}/unit", scale] });
            return;
        }

        ElementOperators.Mul(graph, Part("scaled", $"{name}/unit", scale));
        ElementOperators.Add(graph, last with { Inputs = [$"{name}/scaled", bias] });
    }
}
