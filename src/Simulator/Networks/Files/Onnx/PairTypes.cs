using System.Collections.Immutable;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Which types ONNX Runtime's optimizer gives to integers between pairs (QDQS8ToU8Transformer):
/// int8 becomes uint8 where one reader alone reads a pair, and stays what it is in constants and
/// where several read it. Operators of integers take one type, so that an Add or a Mul of two types
/// is left in float32.
/// </summary>
internal static class PairTypes
{
    /// <summary>The layer of an Add.</summary>
    public static Func<string, ImmutableArray<int>, FloatLayer> Sum(
        OnnxGraph graph, OnnxNode node) => (name, inputs) =>
            new AddLayer(name, inputs) { IsOfTwoTypes = Differ(graph, node) };

    /// <summary>The layer of a Mul.</summary>
    public static Func<string, ImmutableArray<int>, FloatLayer> Product(
        OnnxGraph graph, OnnxNode node) => (name, inputs) =>
            new MultiplyLayer(name, inputs) { IsOfTwoTypes = Differ(graph, node) };

    /// <summary>
    /// Whether a constant, what it is added to or multiplied with and what is made of them have not
    /// all one type.
    /// </summary>
    private static bool Differ(OnnxGraph graph, OnnxNode node)
    {
        if (node.Operator is not ("Add" or "Mul") || node.Inputs.Count != 2
            || !(graph.IsConstant(node, 0) || graph.IsConstant(node, 1)))
            return false;
        DataType?[] types =
            [Operand(graph, node.Inputs[0]), Operand(graph, node.Inputs[1]), Result(graph, node)];
        return types.All(t => t is not null) && types.Distinct().Count() > 1;
    }

    private static DataType? Operand(OnnxGraph graph, string name)
    {
        if (MakerOf(graph, name) is not { } number || !IsDequantize(number)) return null;
        string raw = number.Inputs[0];
        return TypeOf(graph, number) is DataType.Int8
            && MakerOf(graph, raw) is { } quantize && !graph.IsConstant(quantize, 0)
            && IsReadOnce(graph, quantize.Inputs[0], quantize.Operator)
            && IsReadOnce(graph, raw) && IsReadOnce(graph, name)
                ? DataType.Uint8
                : TypeOf(graph, number);
    }

    private static DataType? Result(OnnxGraph graph, OnnxNode node)
    {
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

    private static OnnxNode? MakerOf(OnnxGraph graph, string name) =>
        graph.Nodes.FirstOrDefault(n => n.Outputs.Contains(name));

    private static OnnxNode[] Readers(OnnxGraph graph, string name) =>
        [.. graph.Nodes.SelectMany(n => n.Inputs.Where(i => i == name).Select(_ => n))];

    /// <summary>Pairs that are alike become one, so that each counts.</summary>
    private static bool IsReadOnce(OnnxGraph graph, string name, string? kind = null) =>
        Readers(graph, name).Count(r => kind is null || r.Operator == kind)
            + (graph.Outputs.Contains(name) ? 1 : 0) == 1;

    private static bool IsDequantize(OnnxNode node) =>
        node.Operator is "DequantizeLinear" or "com.microsoft.DequantizeLinear";
}
