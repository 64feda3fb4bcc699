namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Biases that a file has in float32 where all else is quantized (<c>QuantizeBias: False</c> of
/// ONNX Runtime's quantizer): its default optimizations round them to steps of the sums ahead of
/// everything else, so that integers can be added.
/// </summary>
internal static class FloatBias
{
    /// <summary>The bias of a layer with input, weights and bias: rounded, or as it is.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The layer.</param>
    /// <param name="channels">How many channels it makes.</param>
    public static OnnxTensor? Rounded(OnnxGraph graph, OnnxNode node, int channels)
    {
        if (!OnnxGraph.Has(node, 2)) return null;
        OnnxTensor bias = graph.Constant(node, 2);
        if (bias is not { Raw: null, Shape: [var count], Reals: { } reals } || count != channels
            || Step(graph, node) is not { } step
            || graph.Constant(node, 1).Raw is not { IsDynamic: false } weights
            || (weights.Scales.Length != 1 && weights.Scales.Length != channels)
            || !IsQuantized(graph, node.Outputs[0]))
            return bias;
        float[] steps = [.. weights.Scales.Select(s => step * s)];
        float[] whole =
            [.. reals.Select((b, c) => MathF.Round(b / steps[steps.Length == 1 ? 0 : c]))];
        // A bias that is no number stays one, for whoever refuses it.
        if (!whole.All(b => b is >= int.MinValue and < -(float)int.MinValue)) return bias;
        long[] raw = [.. whole.Select(b => (long)b)];
        float[] rounded =
            [.. raw.Select((r, c) => r * steps[steps.Length == 1 ? 0 : c])];
        return bias with
        {
            Reals = rounded,
            Raw = new(rounded, raw, steps, new long[steps.Length], 0, (32, true)),
        };
    }

    /// <summary>The step of the pair that a node reads; null where it reads other values.</summary>
    public static float? Step(OnnxGraph graph, OnnxNode node) =>
        graph.Nodes.FirstOrDefault(n => n.Outputs.Contains(node.Inputs[0])) is { } maker
        && IsDequantize(maker) && graph.ConstantOf(maker.Inputs[1])?.Reals is [var step]
            ? step
            : null;

    /// <summary>
    /// Whether one QuantizeLinear, or several that are alike, and nothing else reads a value, Relu
    /// and Clip perhaps between.
    /// </summary>
    public static bool IsQuantized(OnnxGraph graph, string name)
    {
        while (graph.Output != name
            && graph.Nodes.Where(n => n.Inputs.Contains(name)).ToArray()
                is [var reader, .. var more])
        {
            if (QuantizeOperators.IsPairs(reader))
                return !IsDequantize(reader) && more.All(n => IsAlike(graph, n, reader));
            if (more.Length > 0 || reader.Operator is not ("Relu" or "Clip")) return false;
            name = reader.Outputs[0];
        }

        return false;
    }

    /// <summary>A pair for each reader (DedicatedQDQPair) becomes one for all there.</summary>
    private static bool IsAlike(OnnxGraph graph, OnnxNode node, OnnxNode other) =>
        node.Operator == other.Operator && node.Inputs.Count == other.Inputs.Count
        && node.Inputs.Zip(other.Inputs).Skip(1).All(p => p.First == p.Second
            || (graph.ConstantOf(p.First) is { } a && graph.ConstantOf(p.Second) is { } b
                && a.Type == b.Type
                && (a.Reals is { } reals
                    ? b.Reals is { } others && reals.SequenceEqual(others)
                    : a.Integers is { } numbers && b.Integers is { } same
                        && numbers.SequenceEqual(same))));

    private static bool IsDequantize(OnnxNode node) =>
        node.Operator is "DequantizeLinear" or "com.microsoft.DequantizeLinear";
}
