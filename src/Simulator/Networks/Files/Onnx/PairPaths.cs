namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// The pairs between which a layer stands once ONNX Runtime's default optimizations have moved
/// them: a DequantizeLinear goes forward and a QuantizeLinear back through what moves values and
/// through MaxPool, and what does nothing is gone before.
/// </summary>
internal static class PairPaths
{
    private const int MaxPoolOfIntegers = 12;

    /// <summary>The step of the pair that a node reads; null where it reads other values.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="hasMoved">Whether values are moved right before it.</param>
    public static float? Step(OnnxGraph graph, OnnxNode node, bool hasMoved = false)
    {
        string name = node.Inputs[0];
        while (Maker(graph, name) is { } maker)
        {
            if (IsDequantize(maker))
                return (!hasMoved || Readers(graph, maker).Length == 1)
                    && graph.ConstantOf(maker.Inputs[1])?.Reals is [var step]
                    ? Merged(graph, maker) ?? step
                    : null;
            bool isFirst = Maker(graph, node.Inputs[0]) == maker;
            if (!IsNothing(maker) && !(isFirst && IsPadding(graph, maker, node)))
            {
                if (!Moves(graph, maker) || Readers(graph, maker).Any(IsQuantize)) return null;
                hasMoved = true;
            }

            name = maker.Inputs[0];
        }

        return null;
    }

    /// <summary>
    /// Whether one QuantizeLinear, or several that are alike, and nothing else reads a value, Relu
    /// and Clip perhaps between, and behind them what moves values.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The value.</param>
    /// <param name="hasMoved">Whether it is one that was moved.</param>
    public static bool IsQuantized(OnnxGraph graph, string name, bool hasMoved = false)
    {
        while (graph.Output != name && Readers(graph, name) is [var reader, .. var more])
        {
            if (QuantizeOperators.IsPairs(reader))
                return IsQuantize(reader) && more.All(n => IsAlike(graph, n, reader));
            if (more.Length > 0 || reader.Inputs[0] != name) return false;
            if (Moves(graph, reader)) hasMoved = true;
            else if (!IsNothing(reader)
                && (hasMoved || reader.Operator is not ("Relu" or "Clip")))
                return false;
            name = reader.Outputs[0];
        }

        return false;
    }

    /// <summary>Whether pairs move through a node.</summary>
    public static bool Moves(OnnxGraph graph, OnnxNode node) => node.Operator switch
    {
        "MaxPool" => graph.Opset >= MaxPoolOfIntegers,
        "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" or "Slice" => true,
        _ => false,
    };

    /// <summary>
    /// Whether a Flatten, through which no pair moves, is among what moves and clamps values ahead
    /// of a QuantizeLinear.
    /// </summary>
    public static bool HasFlatten(OnnxGraph graph, OnnxNode quantize)
    {
        OnnxNode? maker = Maker(graph, quantize.Inputs[0]);
        while (maker is not null
            && (IsNothing(maker) || maker.Operator is "Relu" or "Clip" || Moves(graph, maker)))
            maker = Maker(graph, maker.Inputs[0]);
        return maker?.Operator == "Flatten";
    }

    /// <summary>Whether a Pad becomes the convolution's own padding: zeros around it.</summary>
    private static bool IsPadding(OnnxGraph graph, OnnxNode pad, OnnxNode node) =>
        pad.Operator == "Pad" && node.Operator == "Conv"
        && pad.Text("mode", "constant") == "constant"
        && graph.Integers(pad, 1, "pads")?.All(p => p >= 0) == true
        && node.Text("auto_pad", "NOTSET") == "NOTSET" && Readers(graph, pad).Length == 1;

    /// <summary>The step that two pairs in a row have as one.</summary>
    private static float? Merged(OnnxGraph graph, OnnxNode number) =>
        Maker(graph, number.Inputs[0]) is { } quantize && IsQuantize(quantize)
        && DoublePairs.Merged(graph, quantize) is { Scale.Step: > 0 } merged
            ? (float)merged.Scale.Step
            : null;

    private static bool IsNothing(OnnxNode node) => node.Operator is "Identity" or "Dropout";

    private static OnnxNode? Maker(OnnxGraph graph, string name) =>
        graph.Nodes.FirstOrDefault(n => n.Outputs.Contains(name));

    private static OnnxNode[] Readers(OnnxGraph graph, OnnxNode maker) =>
        Readers(graph, maker.Outputs[0]);

    private static OnnxNode[] Readers(OnnxGraph graph, string name) =>
        [.. graph.Nodes.Where(n => n.Inputs.Contains(name))];

    /// <summary>A pair for each reader (DedicatedQDQPair) becomes one for all there.</summary>
    public static bool IsAlike(OnnxGraph graph, OnnxNode node, OnnxNode other) =>
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

    private static bool IsQuantize(OnnxNode node) =>
        QuantizeOperators.IsPairs(node) && !IsDequantize(node);
}
