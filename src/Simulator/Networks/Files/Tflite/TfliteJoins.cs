using System.Collections.Immutable;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Operators on two tensors, or a tensor and a constant; concatenation.</summary>
internal static class TfliteJoins
{
    /// <summary>ADD of two tensors, or of a tensor and a constant.</summary>
    public static void Add(TfliteGraph graph, TfliteOperator node)
    {
        if (TfliteConstants.OfReals(graph, node) is not var (value, c))
            Join(graph, node, (m, i) => new AddLayer(m, i));
        else
            Finish(graph, node, TfliteConstants.Affine(graph, node, value, c, _ => 1, b => b));
    }

    /// <summary>SUB: the first and the negative of the second.</summary>
    public static void Subtract(TfliteGraph graph, TfliteOperator node)
    {
        if (TfliteConstants.OfReals(graph, node) is not var (value, c))
            Join(graph, node, (m, i) => new AddLayer(m, i), negative: 1);
        else if (graph.Find(node.Inputs[0]) is not null)
            Finish(graph, node, TfliteConstants.Affine(graph, node, value, c, _ => 1, b => -b));
        else
            Finish(graph, node, TfliteConstants.Affine(graph, node, value, c, _ => -1, b => b));
    }

    /// <summary>MUL of two tensors, or of a tensor and a constant.</summary>
    public static void Multiply(TfliteGraph graph, TfliteOperator node)
    {
        if (TfliteConstants.OfReals(graph, node) is not var (value, c))
            Join(graph, node, (m, i) => new MultiplyLayer(m, i));
        else
            Finish(graph, node, TfliteConstants.Affine(graph, node, value, c, a => a, _ => 0));
    }

    /// <summary>CONCATENATION along any axis but the batch's.</summary>
    public static void Concatenation(TfliteGraph graph, TfliteOperator node)
    {
        TfliteValue[] parts =
            [.. Enumerable.Range(0, node.Inputs.Length).Select(i => graph.Value(node, i))];
        int rank = parts[0].Extents.Length + 1, axis = node.Option(0);
        if (axis < 0) axis += rank;
        if (axis < 1 || axis >= rank || parts.Any(p => p.Extents.Length != rank - 1))
            throw graph.Fail(node, $"joins along axis {node.Option(0)} (supported: 1..{rank - 1})");
        string name = TfliteOperators.LayerName(node);
        int made = axis == rank - 1
            ? graph.Emit(new ConcatLayer(name, [.. parts.Select(p => p.Index)]))
            : TfliteMoves.Stacked(graph, node, parts, axis - 1);
        graph.Finish(node, made, node.Option(1, 1));
    }

    private static void Join(
        TfliteGraph graph, TfliteOperator node,
        Func<string, ImmutableArray<int>, FloatLayer> layer, int? negative = null)
    {
        if (node.Inputs.Length != 2) throw graph.Fail(node, "needs two inputs");
        int[] extents = graph.Extents(node, node.Outputs[0]);
        int[] operands =
        [
            .. Enumerable.Range(0, 2).Select(i => TfliteMoves.Broadcast(
                graph, node, TfliteConstants.Operand(graph, node, i, i == negative), extents, i)),
        ];
        Finish(
            graph, node, graph.Emit(layer(TfliteOperators.LayerName(node), [.. operands])));
    }

    private static void Finish(TfliteGraph graph, TfliteOperator node, int made) =>
        graph.Finish(node, made, node.Option(0, 1));
}
