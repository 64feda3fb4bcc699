namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// The pairs between which a layer stands, once they were moved (<see cref="PairMoves"/>) and what
/// does nothing is gone.
/// </summary>
internal static class PairPaths
{
    private const int MaxPoolOfIntegers = 12;
    private const int MostShared = 8;

    /// <summary>The step of the pair that a node reads; null where it reads other values.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    public static float? Step(OnnxGraph graph, OnnxNode node) =>
        Number(graph, node) is { } number
        && graph.ConstantOf(number.Inputs[1])?.Reals is [var step]
            ? Merged(graph, number) ?? step
            : null;

    /// <summary>
    /// The DequantizeLinear of what a node reads, with nothing between but padding that becomes its
    /// own; null where it reads other values.
    /// </summary>
    public static OnnxNode? Number(OnnxGraph graph, OnnxNode node, int input = 0)
    {
        OnnxNode? maker = FusedNodes.Ahead(graph, node.Inputs[input]);
        if (maker is not null && IsPadding(graph, maker, node))
            maker = FusedNodes.Ahead(graph, maker.Inputs[0]);
        return maker is not null && IsDequantize(maker) ? maker : null;
    }

    /// <summary>
    /// Whether one QuantizeLinear, or several that are alike, and nothing else reads a value, Relu
    /// and Clip perhaps between.
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
            if (more.Length > 0 || reader.Inputs[0] != name
                || !(IsNothing(reader) || (!hasMoved && reader.Operator is "Relu" or "Clip")))
                return false;
            name = reader.Outputs[0];
        }

        return false;
    }

    /// <summary>
    /// Whether what moves values, and no pair moves through, stands between a QuantizeLinear and
    /// the layer ahead of it, with a clamp or without. A Transpose goes behind a Clip once that is
    /// dropped.
    /// </summary>
    public static bool IsApart(OnnxGraph graph, OnnxNode quantize)
    {
        OnnxNode? maker = FusedNodes.Ahead(graph, quantize.Inputs[0]);
        if (maker is { Operator: "Relu" or "Clip" } clamp)
        {
            maker = FusedNodes.Ahead(graph, clamp.Inputs[0]);
            while (clamp.Operator == "Clip" && maker is { Operator: "Transpose" })
                maker = FusedNodes.Ahead(graph, maker.Inputs[0]);
        }

        return maker is not null && QuantizeOperators.PassRaw.Contains(maker.Operator);
    }

    /// <summary>
    /// Whether others than those that are alike quantize what a QuantizeLinear does, maybe to the
    /// same integers: ONNX Runtime makes no operator of integers of two.
    /// </summary>
    public static bool IsOneOfSeveral(OnnxGraph graph, OnnxNode quantize) =>
        Behind(graph, quantize.Inputs[0])
            .Any(n => IsQuantize(n) && n != quantize && !IsAlike(graph, n, quantize));

    /// <summary>Whether pairs move through a node.</summary>
    public static bool Moves(OnnxGraph graph, OnnxNode node) => node.Operator switch
    {
        "MaxPool" => graph.Opset >= MaxPoolOfIntegers,
        "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" or "Slice" => true,
        _ => false,
    };

    /// <summary>Whether a Pad becomes the convolution's own padding: zeros around it.</summary>
    private static bool IsPadding(OnnxGraph graph, OnnxNode pad, OnnxNode node) =>
        pad.Operator == "Pad" && node.Operator == "Conv"
        && pad.Text("mode", "constant") == "constant"
        && graph.Integers(pad, 1, "pads")?.All(p => p >= 0) == true
        && node.Text("auto_pad", "NOTSET") == "NOTSET" && Readers(graph, pad).Length == 1;

    /// <summary>The step that two pairs in a row have as one.</summary>
    private static float? Merged(OnnxGraph graph, OnnxNode number) =>
        graph.MakerOf(number.Inputs[0]) is { } quantize && IsQuantize(quantize)
        && DoublePairs.Merged(graph, quantize) is { Scale.Step: > 0 } merged
            ? (float)merged.Scale.Step
            : null;

    /// <summary>Whether ONNX Runtime drops a node ahead of all else.</summary>
    public static bool IsNothing(OnnxNode node) => node.Operator is "Identity" or "Dropout";

    /// <summary>
    /// What reads a value, in order, each as often as it does, behind what does nothing.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The value.</param>
    /// <param name="endsAtOutputs">Whether nothing counts behind an output of the graph.</param>
    public static OnnxNode[] Behind(OnnxGraph graph, string name, bool endsAtOutputs = false)
    {
        List<OnnxNode> readers = [];
        Stack<OnnxNode> open = [];
        Push(name);
        while (open.TryPop(out OnnxNode? node))
            if (IsNothing(node)) Push(node.Outputs[0]);
            else readers.Add(node);
        return [.. readers];

        void Push(string value)
        {
            if (endsAtOutputs && graph.Outputs.Contains(value)) return;
            foreach (OnnxNode reader in graph.ReadersOf(value).Reverse()) open.Push(reader);
        }
    }

    private static OnnxNode[] Readers(OnnxGraph graph, OnnxNode maker) =>
        Readers(graph, maker.Outputs[0]);

    private static OnnxNode[] Readers(OnnxGraph graph, string name) =>
        [.. graph.ReadersOf(name).Distinct()];

    /// <summary>
    /// A pair for each reader (DedicatedQDQPair) becomes one for all there, as long as the zero
    /// point is one constant: of others few and equal float32 numbers become one (ConstantSharing),
    /// but no integers of 8 or 16 bits.
    /// </summary>
    public static bool IsAlike(OnnxGraph graph, OnnxNode node, OnnxNode other) =>
        node.Operator == other.Operator && node.Inputs.Count == other.Inputs.Count
        && node.Inputs.Zip(other.Inputs).Skip(1).All(p => p.First == p.Second
            || (graph.ConstantOf(p.First) is { Reals: { Length: <= MostShared } reals }
                && graph.ConstantOf(p.Second)?.Reals is { } others
                && reals.SequenceEqual(others)));

    /// <summary>Whether a node makes numbers of integers.</summary>
    public static bool IsDequantize(OnnxNode node) =>
        node.Operator is "DequantizeLinear" or "com.microsoft.DequantizeLinear";

    /// <summary>Whether a node makes integers of numbers.</summary>
    public static bool IsQuantize(OnnxNode node) =>
        QuantizeOperators.IsPairs(node) && !IsDequantize(node);
}
