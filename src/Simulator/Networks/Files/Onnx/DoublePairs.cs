using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.PairPaths;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Two pairs of one type in a row, of which ONNX Runtime's DoubleQDQPairsRemover makes one ahead of
/// all else: its scale and zero point cover what both pairs leave.
/// </summary>
internal static class DoublePairs
{
    /// <summary>A QuantizeLinear's scale and zero point.</summary>
    private sealed record Format(float Scale, long Zero);

    // What ONNX Runtime moves no Transpose through.
    private static readonly HashSet<string> Ends =
    [
        "Conv", "ConvTranspose", "Gemm", "MatMul", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "BatchNormalization", "LayerNormalization", "Flatten", "Reshape",
        "Gather", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger",
        "com.microsoft.QGemm",
    ];

    private sealed class Found
    {
        public Dictionary<string, FakeQuantizer?> Merged { get; } = [];

        /// <summary>What has a Transpose somewhere behind it, and somewhere ahead.</summary>
        public (HashSet<string> Ahead, HashSet<string> Behind)? Turned { get; set; }
    }

    /// <summary>
    /// What quantizes in place of a QuantizeLinear; null where that stays what it is. Its scale is
    /// 0 where no number lies within both, where all become one too late for what is about them,
    /// and where a Transpose between two may be moved to another one.
    /// </summary>
    public static FakeQuantizer? Merged(OnnxGraph graph, OnnxNode node)
    {
        if (TypeOf(graph, node) is { } own && RawConstant.Format(own) is var (width, sign)
            && AreTurned(graph, node, own))
            return RawConstant.Quantizer(0, 0, width, sign);
        if (node.CopyOf is { } copied) node = FusedNodes.Ahead(graph, copied)!;
        Dictionary<string, FakeQuantizer?> found = graph.Notes<Found>().Merged;
        if (found.TryGetValue(node.Outputs[0], out FakeQuantizer? merged)) return merged;
        OnnxNode first = node;
        while (Before(graph, first) is { } before && Next(graph, before) == first) first = before;
        List<OnnxNode> chain = [first];
        while (Next(graph, chain[^1]) is { } next) chain.Add(next);
        merged = chain.Count == 1 || TypeOf(graph, node) is not { } type
            ? null
            : Merged(graph, chain, RawConstant.Format(type)!.Value);
        foreach (OnnxNode one in chain) found[one.Outputs[0]] = merged;
        return merged;
    }

    private static FakeQuantizer Merged(
        OnnxGraph graph, List<OnnxNode> chain, (int Bits, bool IsSigned) type)
    {
        Format[] formats = [.. chain.Select(n => Of(graph, n))];
        // It goes through the graph until one is left, and moves pairs and rounds biases ahead of
        // that where there are three.
        bool changes = formats.Length > 2
            && ((FusedNodes.Ahead(graph, chain[0].Inputs[0]) is { } maker
                    && PairPaths.Moves(graph, maker))
                || Readers(graph, chain[^1]).SelectMany(n => Readers(graph, n))
                    .Any(n => PairPaths.Moves(graph, n) || HasFloatBias(graph, n)));
        while (formats.Length > 1)
            formats =
            [
                .. formats.Chunk(2).Select(two => two is [var one, var other]
                    ? Merged(one, other, type.Bits, type.IsSigned)
                    : two[0]),
            ];
        return RawConstant.Quantizer(
            changes ? 0 : formats[0].Scale, (int)formats[0].Zero, type.Bits, type.IsSigned);
    }

    /// <summary>
    /// Whether a Transpose stands between a pair and another QuantizeLinear of its type, and ONNX
    /// Runtime may move it to another Transpose, or another to it (TransposeOptimizer): then both
    /// pairs may become one.
    /// </summary>
    private static bool AreTurned(OnnxGraph graph, OnnxNode quantize, DataType type)
    {
        if (FusedNodes.Ahead(graph, quantize.Inputs[0]) is not { Operator: "Transpose" } turn
            || FusedNodes.Ahead(graph, turn.Inputs[0]) is not { } number
            || !IsDequantize(number) || TypeOf(graph, number) != type
            || Of(graph, number) == Of(graph, quantize))
            return false;
        Found found = graph.Notes<Found>();
        found.Turned ??= (
            Meeting(graph.Nodes.Reverse(), n => n.Outputs.SelectMany(graph.ReadersOf)),
            Meeting(graph.Nodes, n => n.Inputs.Select(graph.MakerOf).OfType<OnnxNode>()));
        return found.Turned is var (ahead, behind)
            && (ahead.Contains(turn.Outputs[0]) || behind.Contains(turn.Outputs[0]));
    }

    /// <summary>
    /// The first outputs of nodes from which a Transpose is met beside them, or farther on the same
    /// way: each node comes after those that it asks about.
    /// </summary>
    private static HashSet<string> Meeting(
        IEnumerable<OnnxNode> nodes, Func<OnnxNode, IEnumerable<OnnxNode>> beside)
    {
        HashSet<string> meeting = [];
        foreach (OnnxNode node in nodes)
            if (beside(node).Any(n => n.Operator == "Transpose"
                || (!Ends.Contains(n.Operator) && meeting.Contains(n.Outputs[0]))))
                meeting.Add(node.Outputs[0]);
        return meeting;
    }

    /// <summary>The range that both have, over all integers, every operation in float32.</summary>
    private static Format Merged(Format one, Format other, int bits, bool isSigned)
    {
        if (one == other) return one;
        long min = isSigned ? -(1L << (bits - 1)) : 0, max = min + (1L << bits) - 1;
        float low = Math.Max((min - one.Zero) * one.Scale, (min - other.Zero) * other.Scale);
        float high = Math.Min((max - one.Zero) * one.Scale, (max - other.Zero) * other.Scale);
        float scale = (high - low) / (max - min);
        float zero = MathF.Round(min - (low / scale), MidpointRounding.AwayFromZero);
        return new(scale, float.IsFinite(zero) ? (long)zero : 0);
    }

    private static bool HasFloatBias(OnnxGraph graph, OnnxNode node) =>
        node.Operator is "Conv" or "ConvTranspose" or "Gemm" && OnnxGraph.Has(node, 2)
        && graph.ConstantOf(node.Inputs[2]) is { Raw: null };

    private static Format Of(OnnxGraph graph, OnnxNode node) => new(
        graph.ConstantOf(node.Inputs[1])!.Reals![0],
        graph.ConstantOf(node.Inputs[2])!.Integers![0]);

    /// <summary>The QuantizeLinear whose pair a QuantizeLinear reads.</summary>
    private static OnnxNode? Before(OnnxGraph graph, OnnxNode quantize) =>
        FusedNodes.Ahead(graph, quantize.Inputs[0]) is { } number && IsDequantize(number)
        && FusedNodes.Ahead(graph, number.Inputs[0]) is { } before && IsQuantize(before)
            ? before
            : null;

    /// <summary>
    /// The QuantizeLinear of the same type that alone reads a QuantizeLinear's pair, itself read by
    /// DequantizeLinear alone.
    /// </summary>
    private static OnnxNode? Next(OnnxGraph graph, OnnxNode quantize)
    {
        if (Readers(graph, quantize) is not [var number] || !IsPair(graph, quantize, number)
            || Readers(graph, number) is not [var next] || !IsQuantize(next)
            || TypeOf(graph, quantize) != TypeOf(graph, next)
            || Readers(graph, next) is not { Length: > 0 } numbers)
            return null;
        return numbers.All(n => IsPair(graph, next, n)) ? next : null;
    }

    /// <summary>Whether two nodes have one scale and one zero point, one number each.</summary>
    private static bool IsPair(OnnxGraph graph, OnnxNode quantize, OnnxNode number)
    {
        if (!IsDequantize(number) || TypeOf(graph, quantize) is not { } type
            || TypeOf(graph, number) != type)
            return false;
        return Of(graph, quantize) == Of(graph, number);
    }

    /// <summary>A node's type, where its scale and zero point are constants of one number.
    /// </summary>
    private static DataType? TypeOf(OnnxGraph graph, OnnxNode node) =>
        OnnxGraph.Has(node, 2)
        && graph.ConstantOf(node.Inputs[1]) is
        { Reals.Length: 1, Shape.Count: <= 1, Type: DataType.Float }
        && graph.ConstantOf(node.Inputs[2]) is
        {
            Integers.Count: 1, Shape.Count: <= 1,
            Type: DataType.Uint8 or DataType.Int8 or DataType.Uint16 or DataType.Int16,
        } zero
            ? zero.Type
            : null;

    /// <summary>What reads a node, each as often as it does; none of an output.</summary>
    private static OnnxNode[] Readers(OnnxGraph graph, OnnxNode node) =>
        PairPaths.Behind(graph, node.Outputs[0], endsAtOutputs: true);
}
