using System.Collections.Immutable;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Operators on each value by itself.</summary>
internal static class TfliteFunctions
{
    /// <summary>Adds a layer that keeps the shape.</summary>
    public static void Add(
        TfliteGraph graph, TfliteOperator node, Func<string, ImmutableArray<int>, FloatLayer> layer,
        bool moves = false) => graph.Finish(
            node,
            graph.Emit(layer(TfliteOperators.LayerName(node), [graph.Value(node, 0).Index])), 0,
            moves);

    /// <summary>A function with the same parameters in every model.</summary>
    public static Action<TfliteGraph, TfliteOperator> Point(
        PointFunction function, double a = 0, double b = 0) => (graph, node) =>
        Add(graph, node, (m, i) => new PointLayer(m, i, function, a, b));

    /// <summary>LEAKY_RELU, whose slope is an option; 0 where the file has none.</summary>
    public static void LeakyRelu(TfliteGraph graph, TfliteOperator node)
    {
        float slope = node.Options?.Real(0) ?? 0;
        if (!float.IsFinite(slope)) throw graph.Fail(node, "its slope is not a finite number");
        Add(graph, node, (m, i) => new PointLayer(m, i, PointFunction.LeakyRelu, slope));
    }

    /// <summary>GELU by the error function, or by its approximation with tanh.</summary>
    public static void Gelu(TfliteGraph graph, TfliteOperator node)
    {
        PointFunction function =
            node.Option(0, 1) != 0 ? PointFunction.GeluTanh : PointFunction.Gelu;
        Add(graph, node, (m, i) => new PointLayer(m, i, function));
    }

    /// <summary>MAXIMUM or MINIMUM with one number: its kernel compares raw values.</summary>
    public static void Bound(TfliteGraph graph, TfliteOperator node, bool isLow)
    {
        if (node.Inputs.Length != 2) throw graph.Fail(node, "needs two inputs");
        int image = node.Has(0) && graph.Find(node.Inputs[0]) is not null ? 0 : 1;
        graph.Value(node, image);
        TfliteTensor constant = graph.Constant(node, 1 - image);
        float[] reals = TfliteConstants.Reals(graph, node, constant);
        if (reals is not [var bound] || !float.IsFinite(bound))
            throw graph.Fail(
                node, $"compares with {reals.Length} numbers (supported: a constant of one, which "
                    + "is finite)");
        if (graph.Quantizer(node, node.Inputs[image])
            != graph.Quantizer(node, node.Inputs[1 - image]))
            throw graph.Fail(node, "compares raw values of different scales or zero points");
        TfliteOperator turned = node with { Inputs = [node.Inputs[image]] };
        Add(
            graph, turned,
            (m, i) => new PointLayer(
                m, i, PointFunction.Clip, isLow ? bound : double.NegativeInfinity,
                isLow ? double.PositiveInfinity : bound),
            moves: true);
    }
}
