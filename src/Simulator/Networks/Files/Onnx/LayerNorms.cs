using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// LayerNormalization that a quantized network leaves in float32, in ONNX Runtime's order of sums.
/// </summary>
internal static class LayerNorms
{
    private const int RankOfSums = 3;
    private const string Epsilon = "epsilon";
    private const float LeastEpsilon = 1e-12f;

    /// <summary>Adds a LayerNormalization: x, scale, and perhaps a bias.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The operator.</param>
    /// <param name="readers">How often its operators read x: twice where they are several.</param>
    public static void Add(OnnxGraph graph, OnnxNode node, int readers = 1)
    {
        (OnnxValue value, bool isSum) = Summed(graph, node, readers);
        Add(graph, node, value, isSum);
    }

    /// <summary>
    /// ONNX Runtime's own SkipLayerNormalization: two tensors whose sum is normalized, scale, and
    /// perhaps a bias of the norm and one of the sum.
    /// </summary>
    public static void Skip(OnnxGraph graph, OnnxNode node)
    {
        foreach (int input in (int[])[0, 1, 2])
            if (!OnnxGraph.Has(node, input)) throw graph.Fail(node, $"input {input} is not there");
        string name = $"{node.Outputs[0]}/\0";
        OnnxNode Sum(string a, string b, string sum) => node with
        {
            Inputs = [a, b],
            Outputs = [sum],
            Attributes = new Dictionary<string, OnnxAttribute>(),
        };
        ElementOperators.Add(graph, Sum(node.Inputs[0], node.Inputs[1], name));
        if (OnnxGraph.Has(node, 4))
            ElementOperators.Add(graph, Sum(name, node.Inputs[4], name));
        OnnxNode norm = node with
        {
            Inputs = [name, .. node.Inputs.Skip(2).Take(2)],
            Attributes = new Dictionary<string, OnnxAttribute>
            {
                [Epsilon] = new(Epsilon, 0, node.Real(Epsilon, LeastEpsilon), "", [], null),
            },
        };
        if (graph.HasNumbers) Add(graph, norm, graph.Value(norm, 0), isSum: true);
        else NormOperators.Layer(graph, norm);
    }

    private static void Add(OnnxGraph graph, OnnxNode node, OnnxValue value, bool isSum)
    {
        int first = graph.Axis(node, node.Integer("axis", -1), value.Rank);
        if (first == 0) throw graph.Fail(node, "normalizes over the batch, which would mix images");
        long[] normed = [.. value.Extents.Skip(first)];
        int count = (int)OnnxTensor.CountOf(normed);
        float[] scale = OfFeatures(graph, node, 1, normed);
        float[] shift =
            OnnxGraph.Has(node, 2) ? OfFeatures(graph, node, 2, normed) : new float[count];
        float epsilon = node.Real(Epsilon, 1e-5f);
        if (!new FloatNorm(FloatNormSum.OneByOne, OrderedFloat.Of(epsilon)).IsNorm)
            throw graph.Fail(node, FormattableString.Invariant(
                $"epsilon {epsilon} (supported: above 0)"));
        int rows = graph.Size(node, "rows", OnnxTensor.CountOf(value.Extents) / count);
        int row = graph.As(node, value, new(rows, 1, count));
        int made = graph.Add(node, new LayerNormLayer(
            graph.Name(node), [row], scale, shift, epsilon,
            isSum ? FloatNormSum.OneByOne : FloatNorm.OfRow(count)));
        graph.Set(node, new OnnxValue(made, [1, rows, count]) with { Extents = value.Extents });
    }

    /// <summary>One finite number for each that is normalized, in their shape.</summary>
    private static float[] OfFeatures(OnnxGraph graph, OnnxNode node, int input, long[] normed)
    {
        float[] reals = graph.Reals(node, input);
        IReadOnlyList<long> shape = graph.Constant(node, input).Shape;
        if (!shape.SkipWhile(e => e == 1).SequenceEqual(normed.SkipWhile(e => e == 1)))
            throw graph.Fail(
                node, $"input {input} of [{Brief.List(shape)}] is not supported (supported: "
                    + $"[{Brief.List(normed)}], what is normalized)");
        return reals.All(float.IsFinite)
            ? reals
            : throw graph.Fail(node, $"input {input} has numbers that are not finite");
    }

    /// <summary>
    /// What is normalized. Where it is a sum of two tensors that nothing else reads, ONNX Runtime's
    /// optimizer takes the sum into the norm, and with it an addend of each feature, which it then
    /// adds last.
    /// </summary>
    private static (OnnxValue Value, bool IsSum) Summed(
        OnnxGraph graph, OnnxNode node, int readers)
    {
        OnnxValue value = graph.Value(node, 0);
        if (graph.Maker(node.Inputs[0], readers) is not
            {
                Operator: "Add", Inputs: [var a, var b]
            } sum
            || graph.Axis(node, node.Integer("axis", -1), value.Rank) != value.Rank - 1
            || ExtentsOf(graph, a) is not { Count: RankOfSums } extents
            || ExtentsOf(graph, b)?.SequenceEqual(extents) != true
            || !AreKnownAlike(graph, a, b))
            return (value, false);
        foreach ((string biased, string other) in new[] { (a, b), (b, a) })
        {
            if (graph.Maker(biased) is not { Operator: "Add", Inputs: [var x, _] } addend
                || !graph.IsConstant(addend, 1) || graph.IsConstant(addend, 0)
                || graph.Constant(addend, 1) is not { Shape: [var features], Raw: null }
                || features != extents[^1] || HasBias(graph, x)
                || graph.Shapes.Of(x) is not [_, _, { IsNumber: true }]) continue;
            string name = $"{sum.Outputs[0]}/\0";
            ElementOperators.Add(graph, sum with
            {
                Inputs = biased == a ? [x, other] : [other, x],
                Outputs = [name],
            });
            ElementOperators.Add(graph, addend with
            {
                Inputs = [name, addend.Inputs[1]],
                Outputs = [$"{name}/sum"],
            });
            return (graph.Find($"{name}/sum")!.Value, true);
        }

        return (value, true);
    }

    /// <summary>
    /// Whether the optimizer knows that two values are of one shape, by numbers or by names.
    /// </summary>
    private static bool AreKnownAlike(OnnxGraph graph, string a, string b) =>
        graph.Shapes.Of(a) is { } left && graph.Shapes.Of(b) is { } right
        && left.Count == right.Count && left.Zip(right).All(p => p.First.IsSame(p.Second));

    /// <summary>Whether sums of integers take their bias themselves, before a norm could.</summary>
    private static bool HasBias(OnnxGraph graph, string name) =>
        graph.Find(name) is { Tensor: > 0 and var tensor }
        && OwnWeights.Of(graph.Layers[Source(graph, tensor) - 1]) is { IsDynamic: true };

    /// <summary>The layer whose values a tensor has, perhaps moved.</summary>
    private static int Source(OnnxGraph graph, int tensor)
    {
        while (graph.Layers[tensor - 1] is FlattenLayer or RearrangeLayer
            && graph.Layers[tensor - 1].Inputs[0] > 0)
            tensor = graph.Layers[tensor - 1].Inputs[0];
        return tensor;
    }

    private static IReadOnlyList<long>? ExtentsOf(OnnxGraph graph, string name) =>
        graph.Extents(name) ?? graph.ConstantOf(name)?.Shape;
}
