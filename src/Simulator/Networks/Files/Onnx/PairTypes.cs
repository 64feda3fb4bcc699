using System.Collections.Immutable;
using static QSim.Simulator.Networks.Files.Onnx.FusedNodes;
using static QSim.Simulator.Networks.Files.Onnx.PairPaths;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Which types ONNX Runtime's optimizer gives to integers between pairs (QDQS8ToU8Transformer):
/// int8 becomes uint8 where one reader alone reads a pair, and stays what it is in constants and
/// where several read it. Operators of integers take one type, so that an Add or a Mul of two types
/// is left in float32; convolutions and products with a matrix take uint8 alone.
/// </summary>
internal static class PairTypes
{
    /// <summary>The layer of an Add.</summary>
    public static Func<string, ImmutableArray<int>, FloatLayer> Sum(
        OnnxGraph graph, OnnxNode node) => (name, inputs) => new AddLayer(name, inputs)
        {
            IsOfNumbers = IsOfNumbers(graph, node),
            IsUnsigned = AreUnsigned(graph, node),
        };

    /// <summary>The layer of a Mul.</summary>
    public static Func<string, ImmutableArray<int>, FloatLayer> Product(
        OnnxGraph graph, OnnxNode node) => (name, inputs) => new MultiplyLayer(name, inputs)
        {
            IsOfNumbers = IsOfNumbers(graph, node),
            IsUnsigned = AreUnsigned(graph, node),
        };

    /// <summary>
    /// Whether ONNX Runtime has uint8 of all that a node reads and writes, of which some are int8
    /// in the file.
    /// </summary>
    public static bool AreUnsigned(OnnxGraph graph, OnnxNode node) =>
        Signs(graph, node) is { } isUnsigned && isUnsigned.All(u => u);

    /// <summary>
    /// Whether it computes a node in float32, whatever quantizes it: it has uint8 of some and int8
    /// of others, which no operator of integers takes, or what moves values, and no pair is moved
    /// through, stands ahead.
    /// </summary>
    public static bool IsOfNumbers(OnnxGraph graph, OnnxNode node) =>
        (Signs(graph, node) is { } isUnsigned && isUnsigned.Distinct().Count() > 1)
        || Differ(graph, node)
        || Enumerable.Range(0, node.Inputs.Count).Any(i => HasOther(graph, node, i));

    /// <summary>
    /// Whether it makes an operator of integers of a node of one input and the pairs about it; null
    /// where a clamp decides.
    /// </summary>
    public static bool? AreIntegers(OnnxGraph graph, OnnxNode node) =>
        Held(graph, node.Inputs[0]) is DataType.Uint8 or DataType.Int8
            && Held(graph, node) is DataType.Uint8 or DataType.Int8 && !IsOfNumbers(graph, node)
            ? Readers(graph, node.Outputs[0])[0].Operator is "Relu" or "Clip" ? null : true
            : false;

    /// <summary>
    /// Whether an input that depends on the image is made of integers elsewhere than right ahead.
    /// </summary>
    private static bool HasOther(OnnxGraph graph, OnnxNode node, int input) =>
        graph.HasNumbers && OnnxGraph.Has(node, input) && !graph.IsConstant(node, input)
        && Ahead(graph, node.Inputs[input]) is not null && Number(graph, node, input) is null;

    /// <summary>
    /// Of each tensor whether ONNX Runtime has uint8; null where the file has no int8, or other
    /// types.
    /// </summary>
    private static bool[]? Signs(OnnxGraph graph, OnnxNode node)
    {
        if (node.Operator
            is not ("Add" or "Mul" or "AveragePool" or "GlobalAveragePool" or "Softmax"))
            return null;
        DataType?[] types = [.. node.Inputs.Select(i => Held(graph, i)), Held(graph, node)];
        return types.All(t => t is DataType.Uint8 or DataType.Int8)
            && types.Contains(DataType.Int8)
            ? [
                .. node.Inputs.Select(i => IsHeldUnsigned(graph, i)),
                IsHeldUnsigned(graph, Quantizer(graph, node)!),
            ]
            : null;
    }

    /// <summary>The type that the file gives to what a node reads.</summary>
    private static DataType? Held(OnnxGraph graph, string name) =>
        Ahead(graph, name) is { } number && IsDequantize(number)
            && Ahead(graph, number.Inputs[0]) is { } quantize && IsQuantize(quantize)
            ? TypeOf(graph, quantize)
            : null;

    private static DataType? Held(OnnxGraph graph, OnnxNode node) =>
        Quantizer(graph, node) is { } quantize ? TypeOf(graph, quantize) : null;

    /// <summary>
    /// What alone quantizes a node, a clamp that it makes up for between; others may be alike.
    /// </summary>
    private static OnnxNode? Quantizer(OnnxGraph graph, OnnxNode node)
    {
        OnnxNode[] readers = Readers(graph, node.Outputs[0]);
        if (readers is [{ Operator: "Relu" or "Clip" } clamp])
            readers = Readers(graph, clamp.Outputs[0]);
        return readers is [var quantize, ..] && IsQuantize(quantize)
            && readers.All(r => r == quantize || PairPaths.IsAlike(graph, r, quantize))
                ? quantize
                : null;
    }

    private static bool IsHeldUnsigned(OnnxGraph graph, string name) => IsHeldUnsigned(
        graph, Ahead(graph, Ahead(graph, name)!.Inputs[0])!);

    /// <summary>Whether it makes uint8 of the int8 that a QuantizeLinear gives.</summary>
    public static bool BecomesUnsigned(OnnxGraph graph, OnnxNode quantize) =>
        TypeOf(graph, quantize) == DataType.Int8 && IsHeldUnsigned(graph, quantize);

    /// <summary>
    /// Whether integers are uint8, or become so: one DequantizeLinear alone reads them, for one
    /// reader. Pairs that are alike are one.
    /// </summary>
    private static bool IsHeldUnsigned(OnnxGraph graph, OnnxNode quantize)
    {
        if (TypeOf(graph, quantize) == DataType.Uint8) return true;
        OnnxNode[] numbers = [.. Readers(graph, quantize.Inputs[0])
            .Where(q => PairPaths.IsAlike(graph, q, quantize)).Distinct()
            .SelectMany(q => Readers(graph, q.Outputs[0]))];
        return OnnxGraph.Has(quantize, 2) && numbers.All(IsDequantize)
            && numbers.Sum(n => Readers(graph, n.Outputs[0]).Length
                + (graph.Outputs.Contains(n.Outputs[0]) ? 1 : 0)) == 1;
    }

    /// <summary>
    /// Whether a convolution or a product with a matrix is left in float32: what it reads, or
    /// writes, does not become uint8; what moves values, and no pair is moved through, stands
    /// ahead; or a clamp that nothing quantizes behind.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="isMoved">Whether values are moved right before it and right behind it.</param>
    public static bool HaveNoSums(OnnxGraph graph, OnnxNode node, bool isMoved = false)
    {
        if (HasOther(graph, node, 0) || (!isMoved && IsCutOff(graph, node))) return true;
        // Activations of 4 bits ONNX Runtime fails at.
        return Number(graph, node) is { } number
            && Operand(graph, number.Outputs[0]) is { } type
            && (IsOther(type) || (Result(graph, node) is { } made && IsOther(made)));

        static bool IsOther(DataType type) =>
            type is DataType.Int8 or DataType.Uint16 or DataType.Int16;
    }

    /// <summary>Whether one node, which is no QuantizeLinear, reads a clamp of it.</summary>
    private static bool IsCutOff(OnnxGraph graph, OnnxNode node) =>
        Behind(graph, node.Outputs[0]) is ({ Operator: "Relu" or "Clip" } clamp, _)
        && Behind(graph, clamp.Outputs[0]) is var (reader, _)
        && !IsQuantize(reader);

    /// <summary>
    /// Whether two values and what is made of them have not all one type.
    /// </summary>
    private static bool Differ(OnnxGraph graph, OnnxNode node)
    {
        if (node.Operator is not ("Add" or "Mul") || node.Inputs.Count != 2) return false;
        DataType?[] types =
            [Operand(graph, node.Inputs[0]), Operand(graph, node.Inputs[1]), Result(graph, node)];
        return types.All(t => t is not null) && types.Distinct().Count() > 1;
    }

    private static DataType? Operand(OnnxGraph graph, string name)
    {
        if (Ahead(graph, name) is not { } number || !IsDequantize(number)) return null;
        string raw = number.Inputs[0];
        return TypeOf(graph, number) is DataType.Int8
            && Ahead(graph, raw) is { } quantize && IsQuantize(quantize)
            && !graph.IsConstant(quantize, 0)
            && IsReadOnce(graph, quantize.Inputs[0], quantize.Operator)
            && IsReadOnce(graph, raw) && IsReadOnce(graph, name)
                ? DataType.Uint8
                : TypeOf(graph, number);
    }

    private static DataType? Result(OnnxGraph graph, OnnxNode node)
    {
        // A clamp becomes part of the layer, or of the pair.
        while (!graph.Outputs.Contains(node.Outputs[0])
            && Readers(graph, node.Outputs[0]) is [{ Operator: "Relu" or "Clip" } clamp]
            && clamp.Inputs[0] == node.Outputs[0])
            node = clamp;
        if (Readers(graph, node.Outputs[0]) is not [var quantize, ..]
            || !QuantizeOperators.IsPairs(quantize) || IsDequantize(quantize)) return null;
        return TypeOf(graph, quantize) is DataType.Int8
            && IsReadOnce(graph, node.Outputs[0])
            && Readers(graph, quantize.Outputs[0]) is [var number] && IsDequantize(number)
            && IsReadOnce(graph, number.Outputs[0])
                ? DataType.Uint8
                : TypeOf(graph, quantize);
    }

    private static DataType TypeOf(OnnxGraph graph, OnnxNode pair) => OnnxGraph.Has(pair, 2)
        ? graph.ConstantOf(pair.Inputs[2])?.Type ?? DataType.Undefined
        : DataType.Uint8;

    /// <summary>What reads a value, each as often as it does, behind what does nothing.</summary>
    private static OnnxNode[] Readers(OnnxGraph graph, string name) =>
        PairPaths.Behind(graph, name);

    /// <summary>Pairs that are alike become one, so that each counts.</summary>
    private static bool IsReadOnce(OnnxGraph graph, string name, string? kind = null) =>
        Readers(graph, name).Count(r => kind is null || r.Operator == kind)
            + (graph.Outputs.Contains(name) ? 1 : 0) == 1;
}
