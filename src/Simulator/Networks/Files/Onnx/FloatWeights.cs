using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Weights that a file has in float32 between quantized values, as those of a layer that was left
/// out of quantization (<c>nodes_to_exclude</c>) with quantized layers about it: ONNX Runtime's
/// default optimizations make int8 of them, with one scale, ahead of everything else.
/// </summary>
internal static class FloatWeights
{
    private const float Steps = byte.MaxValue;

    /// <summary>The node with the weights that are run; as it is where they are others.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="areMoved">Whether values are moved right before it and right behind it.</param>
    public static OnnxNode Rounded(
        OnnxGraph graph, OnnxNode node, bool areMoved = false)
    {
        if (!graph.IsConstant(node, 1)
            || graph.Constant(node, 1) is not { Raw: null, Reals: { Length: > 0 } reals } weights
            || weights.Type != DataType.Float
            || (OnnxGraph.Has(node, 2)
                && (!graph.IsConstant(node, 2)
                    || graph.Constant(node, 2) is not { Raw: null, Shape: [_] }))
            || PairPaths.Step(graph, node) is null
            || !PairPaths.IsQuantized(graph, node.Outputs[0], areMoved)
            || !reals.All(float.IsFinite))
            return node;
        float low = Math.Min(0, reals.Min()), high = Math.Max(0, reals.Max());
        float scale = high == low ? 1 : (high - low) / Steps;
        long zero = (long)MathF.Round(Math.Clamp(
            sbyte.MinValue - (low / scale), sbyte.MinValue, sbyte.MaxValue));
        if (!float.IsNormal(scale)) return node;
        string name = $"{node.Outputs[0]}/weights";
        string[] by = [$"{name}/scale", $"{name}/zero_point"];
        void Constant(string output, OnnxTensor constant) =>
            graph.Set(node with { Outputs = [output] }, constant);
        Constant(by[0], new("", [], [scale], null));
        Constant(by[1], new("", [], null, [zero]) { Type = DataType.Int8 });
        QuantizeOperators.Quantize(graph, Part($"{name}/raw", node.Inputs[1]));
        QuantizeOperators.Dequantize(graph, Part(name, $"{name}/raw"));
        return node with { Inputs = [node.Inputs[0], name, .. node.Inputs.Skip(2)] };

        OnnxNode Part(string output, string input) => node with
        {
            Inputs = [input, .. by],
            Outputs = [output],
            Attributes = new Dictionary<string, OnnxAttribute>(),
        };
    }
}
