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
    /// <param name="areMoved">Whether values are moved right before it and right behind it.</param>
    public static OnnxTensor? Rounded(
        OnnxGraph graph, OnnxNode node, int channels, bool areMoved = false)
    {
        if (!OnnxGraph.Has(node, 2)) return null;
        OnnxTensor bias = graph.Constant(node, 2);
        if (bias is not { Raw: null, Shape: [var count], Reals: { } reals } || count != channels
            || PairPaths.Step(graph, node) is not { } step
            || graph.Constant(node, 1).Raw is not { IsDynamic: false } weights
            || (weights.Scales.Length != 1 && weights.Scales.Length != channels)
            || !PairPaths.IsQuantized(graph, node.Outputs[0], areMoved))
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
}
