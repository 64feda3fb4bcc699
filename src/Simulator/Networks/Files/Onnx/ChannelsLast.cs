namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Images with channels last: QONNX's operators, which are ONNX's own around which values are
/// turned, and what is joined so.
/// </summary>
internal static class ChannelsLast
{
    private const string Domain = "qonnx.custom_op.channels_last";

    /// <summary>Operators, and whether they have filters, which are turned, too.</summary>
    private static readonly (string Name, bool HasFilters)[] Operators =
        [("Conv", true), ("MaxPool", false), ("BatchNormalization", false)];

    /// <summary>Rows of <see cref="OnnxRules"/>.</summary>
    /// <param name="first">Those of ONNX's own operators.</param>
    public static IEnumerable<KeyValuePair<string, OperatorRule>> Rules(
        IReadOnlyDictionary<string, OperatorRule> first) =>
        from each in Operators
        let rule = first[each.Name]
        select KeyValuePair.Create(
            $"{Domain}.{each.Name}",
            rule with { Add = (g, n) => Add(g, n, each.Name, each.HasFilters) });

    /// <summary>Images behind one another along their channels, which are last.</summary>
    public static OnnxValue Joined(OnnxGraph graph, OnnxNode node, OnnxValue[] values)
    {
        string name = graph.Name(node);
        OnnxValue[] first =
            [.. values.Select(v => MoveOperators.Transposed(graph, node, v, [0, 3, 1, 2]))];
        long[] extents = [1, first.Sum(v => v.Extents[1]), .. first[0].Extents.Skip(2)];
        int joined = graph.Add(node, new ConcatLayer(
            name, [.. first.Select(v => graph.Canonical(node, v))]));
        return MoveOperators.Transposed(graph, node, new(joined, extents), [0, 2, 3, 1]);
    }

    private static void Add(OnnxGraph graph, OnnxNode node, string name, bool hasFilters)
    {
        string output = node.Outputs[0];
        int rank = graph.Value(node, 0).Rank;
        if (hasFilters && graph.IsConstant(node, 1)
            && graph.Constant(node, 1) is { } filters && filters.Shape.Count != rank)
            throw graph.Fail(
                node, $"its weights are {filters.ShapeText} and its input has {rank} dimensions "
                    + "(supported: as many)");
        int[] inner = [.. Enumerable.Range(1, Math.Max(0, rank - 2))];
        string[] inputs = [.. node.Inputs];
        for (int i = 0; i < (hasFilters ? 2 : 1) && OnnxGraph.Has(node, i); i++)
            inputs[i] = Turn(
                inputs[i], graph.Unused($"{output}/first{i}"), [0, rank - 1, .. inner]);
        string made = graph.Unused($"{output}/made");
        OnnxOperators.Add(
            graph, node with { Operator = name, Inputs = inputs, Outputs = [made] });
        Turn(made, output, [0, .. inner.Select(a => a + 1), 1]);

        string Turn(string from, string to, int[] order)
        {
            var perm = new OnnxAttribute(
                "perm", 0, 0, "", [.. order.Select(axis => (long)axis)], null);
            OnnxOperators.Add(graph, new(
                $"{node.Name}/turn", "Transpose", [from], [to],
                new Dictionary<string, OnnxAttribute> { [perm.Name] = perm }));
            return to;
        }
    }
}
