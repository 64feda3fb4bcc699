using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Two values, or a value and a constant, of shapes that meet as NumPy's do.</summary>
internal static class Broadcasting
{
    /// <summary>The extents at which two meet.</summary>
    /// <exception cref="InputException">They do not, or in too many values.</exception>
    public static long[] Meet(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        int rank = Math.Max(a.Count, b.Count);
        long[] left = [.. Enumerable.Repeat(1L, rank - a.Count), .. a];
        long[] right = [.. Enumerable.Repeat(1L, rank - b.Count), .. b];
        long[] met = [.. left.Zip(right, (l, r) => l == 1 ? r : l)];
        if (left.Zip(right).Any(p => p.First != p.Second && p.First != 1 && p.Second != 1))
            throw graph.Fail(
                node, $"shapes [{Brief.List(a)}] and [{Brief.List(b)}] do not meet");
        return OnnxTensor.CountOf(met) >= 0
            ? met
            : throw graph.Fail(
                node, $"makes [{Brief.List(met)}] of [{Brief.List(a)}] and [{Brief.List(b)}] "
                    + $"(supported: at most {Sizes.MostWeights} values)");
    }

    /// <summary>For each element of the wider extents, the element of the narrower ones.</summary>
    public static int[] Sources(IReadOnlyList<long> from, IReadOnlyList<long> to)
    {
        long[] own = [.. Enumerable.Repeat(1L, to.Count - from.Count), .. from];
        int length = (int)OnnxTensor.CountOf(to);
        int[] sources = new int[Math.Max(0, length)];
        for (int i = 0; i < sources.Length; i++)
        {
            long rest = i, at = 0, step = 1;
            for (int axis = to.Count - 1; axis >= 0; axis--)
            {
                long position = rest % to[axis];
                rest /= to[axis];
                if (own[axis] > 1) at += position * step;
                step *= own[axis];
            }

            sources[i] = (int)at;
        }

        return sources;
    }

    /// <summary>A value at wider extents.</summary>
    public static OnnxValue Expanded(
        OnnxGraph graph, OnnxNode node, OnnxValue value, long[] extents)
    {
        if (extents is [] || extents[0] != 1)
            throw graph.Fail(
                node, $"makes [{Brief.List(extents)}] of one image: its first extent is the batch");
        if (OnnxTensor.CountOf(extents) is < 1 or > Sizes.MostValues)
            throw graph.Fail(node, $"makes [{Brief.List(extents)}], which is too much");
        return OnnxTensor.CountOf(extents) == OnnxTensor.CountOf(value.Extents)
            ? value with { Extents = extents }
            : graph.Rearranged(node, value, extents, Sources(value.Extents, extents));
    }

    /// <summary>Adds a layer of two tensors.</summary>
    public static void Two(
        OnnxGraph graph, OnnxNode node, OnnxValue left, OnnxValue right,
        Func<string, ImmutableArray<int>, FloatLayer> create)
    {
        long[] met = Meet(graph, node, left.Extents, right.Extents);
        int first = graph.Canonical(node, Expanded(graph, node, left, met));
        int second = graph.Canonical(node, Expanded(graph, node, right, met));
        graph.Add(node, create(graph.Name(node), [first, second]), met);
    }

    /// <summary>The same values with the other sign.</summary>
    public static OnnxValue Negative(OnnxGraph graph, OnnxNode node, OnnxValue value) =>
        Scale(graph, node, value, new("", [], [-1], null), c => c, _ => 0);

    /// <summary>
    /// <c>scale(c) x + shift(c)</c>, c a constant that meets x. Where it is one per channel of the
    /// tensor it is a batch norm there; of a tensor that was only turned, of that before; else one
    /// per feature.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">For names and messages.</param>
    /// <param name="value">x.</param>
    /// <param name="constant">c.</param>
    /// <param name="scale">The factor for an element of c.</param>
    /// <param name="shift">What is added for it.</param>
    /// <param name="divides">Whether x is divided by c; the factor is then its reciprocal.</param>
    public static OnnxValue Scale(
        OnnxGraph graph, OnnxNode node, OnnxValue value, OnnxTensor constant,
        Func<double, double> scale, Func<double, double> shift, bool divides = false)
    {
        float[] c = constant.Reals ?? [.. constant.Integers!.Select(i => (float)i)];
        long[] met = Meet(graph, node, value.Extents, constant.Shape);
        value = Expanded(graph, node, value, met);
        int[] sources = Sources(constant.Shape, met);
        Affine[] each =
        [
            .. sources.Select(s => new Affine(
                (float)scale(c[s]), (float)shift(c[s]), divides ? c[s] : (float)scale(c[s]))),
        ];
        TensorShape shape = graph.Shape(value);
        // Ahead of a flattening it may be one number, or one per channel: of pixels above all.
        int first = value.Tensor;
        while (first > 0 && graph.Layers[first - 1] is FlattenLayer flattened)
            first = flattened.Inputs[0];
        if (PerChannel(each, graph.Shape(new(first, []))) is { } own)
            return new(Add(graph, node, first, own, divides), met);
        if (value.Tensor > 0 && graph.Layers[value.Tensor - 1] is RearrangeLayer turned
            && Turned(each, turned, graph.Shape(new(turned.Inputs[0], []))) is { } before)
        {
            int scaled = Add(graph, node, turned.Inputs[0], before, divides);
            return graph.Rearranged(node, new(scaled, met), met, [.. turned.Sources]);
        }

        int flat = graph.As(node, value, new(shape.Length));
        return new(Add(graph, node, flat, each, divides), met);
    }

    private static int Add(
        OnnxGraph graph, OnnxNode node, int tensor, Affine[] each, bool divides) =>
        graph.Add(
            node,
            new BatchNormLayer(
                graph.Name(node), [tensor], [.. each.Select(e => e.Scale)],
                [.. each.Select(e => e.Shift)])
            {
                Float32 = new(
                    divides, [.. each.Select(e => e.Factor)], [.. each.Select(e => e.Shift)]),
            });

    private static Affine[]? PerChannel(Affine[] each, TensorShape shape)
    {
        for (int i = 0; i < each.Length; i++)
            if (each[i] != each[i / shape.Positions * shape.Positions]) return null;
        return [.. Enumerable.Range(0, shape.Channels).Select(k => each[k * shape.Positions])];
    }

    /// <summary>One per channel of what a rearrangement reads whole, or null.</summary>
    private static Affine[]? Turned(Affine[] each, RearrangeLayer turned, TensorShape from)
    {
        if (turned.Sources.Length != from.Length || turned.Sources.Distinct().Count() != from.Length
            || turned.Sources.Contains(-1)) return null;
        var before = new Affine[each.Length];
        for (int i = 0; i < each.Length; i++) before[turned.Sources[i]] = each[i];
        return PerChannel(before, from);
    }

    /// <summary>What one element is multiplied and shifted by.</summary>
    /// <param name="Scale">The factor.</param>
    /// <param name="Shift">What is added.</param>
    /// <param name="Factor">The constant: the factor, or what divides.</param>
    private readonly record struct Affine(float Scale, float Shift, float Factor);
}
