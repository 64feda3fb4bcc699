using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Nodes against <see cref="OnnxRules"/>: nothing is dropped in silence.</summary>
internal static class OnnxOperators
{
    /// <summary>Adds what a node does.</summary>
    /// <exception cref="InputException">QSim cannot do it.</exception>
    public static void Add(OnnxGraph graph, OnnxNode node)
    {
        if (!OnnxRules.All.TryGetValue(node.Operator, out OperatorRule? rule))
        {
            throw graph.Fail(
                node,
                "this operator is not supported (supported: "
                    + $"{string.Join(", ", OnnxRules.All.Keys)})");
        }

        foreach (OnnxAttribute attribute in node.Attributes.Values)
            Check(graph, node, rule, attribute);
        for (int i = rule.Inputs; i < node.Inputs.Count; i++)
            if (OnnxGraph.Has(node, i))
                throw graph.Fail(
                    node, $"has an input {i}, of which QSim knows nothing (supported: "
                        + $"{rule.Inputs} inputs)");
        foreach (string output in node.Outputs.Skip(rule.Outputs))
            if (graph.IsRead(output))
                throw graph.Fail(
                    node, $"its output '{Brief.Name(output)}' is used, which is not supported");
        if (graph.IsTaken(node)) return;
        bool isTurned = node.Inputs.Any(graph.IsBatchSecond);
        if (isTurned && node.Operator is not ("Gather" or "Split" or "Squeeze")
            && !QuantizeOperators.IsPairs(node))
            throw graph.Fail(node, "reads what a Transpose moved the batch of");
        if (isTurned && QuantizeOperators.IsPairs(node)) graph.SetBatchSecond(node.Outputs[0]);
        if (DynamicOperators.Takes(graph, node)) return;
        FakeQuantizer[] raw = [.. node.Inputs.Select(graph.Raw).OfType<FakeQuantizer>()];
        if (raw is [var only, ..] && PairedIntegers.Takes(graph, node, only)) return;
        bool passes = QuantizeOperators.PassRaw.Contains(node.Operator);
        if (raw.Length > 0 && !rule.ReadsRaw && !passes)
            throw graph.Fail(
                node, "computes with the integers of a QuantizeLinear (supported: behind a "
                    + "DequantizeLinear)");
        rule.Add(graph, node);
        foreach (string output in node.Outputs)
        {
            if (raw.Length > 0 && passes) graph.SetRaw(output, raw[0]);
            if (graph.IsLogits(node)) graph.SetLogits(output);
        }
    }

    private static void Check(
        OnnxGraph graph, OnnxNode node, OperatorRule rule, OnnxAttribute attribute)
    {
        string name = Brief.Name(attribute.Name);
        if (rule.Find(attribute.Name) is not { } row)
            throw graph.Fail(
                node,
                $"has an attribute '{name}', of which QSim knows nothing"
                    + (rule.All.Any()
                        ? $" (supported: {string.Join(", ", rule.All.Select(a => a.Name))})"
                        : " (supported: none)"));
        if (row.Use == AttributeUse.Refused || attribute.IsOther)
            throw graph.Fail(node, $"its attribute '{name}' is not supported");
        if (row.Use == AttributeUse.Only && attribute.Integer != row.Value)
            throw graph.Fail(
                node, $"{name} {attribute.Integer} is not supported (supported: {row.Value})");
    }
}
