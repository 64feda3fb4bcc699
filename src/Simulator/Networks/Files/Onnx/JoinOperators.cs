using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Tensors behind one another, and apart again.</summary>
internal static class JoinOperators
{
    /// <summary>Tensors behind one another along an axis; or parts of a shape.</summary>
    public static void Concat(OnnxGraph graph, OnnxNode node)
    {
        int[] indices = [.. Enumerable.Range(0, node.Inputs.Count)];
        if (indices.Length == 0) throw graph.Fail(node, "input 0 is not there");
        if (indices.All(i => graph.IsConstant(node, i)))
        {
            Constants(graph, node, [.. indices.Select(i => graph.Constant(node, i))]);
            return;
        }

        OnnxValue like = graph.Value(node, indices.First(i => !graph.IsConstant(node, i)));
        OnnxTensor?[] constants =
            [.. indices.Select(i => graph.IsConstant(node, i) ? graph.Constant(node, i) : null)];
        OnnxValue[] values =
        [
            .. indices.Select(i => constants[i] is not { } constant ? graph.Value(node, i)
                : ConstantTensor.IsQuantized(constant)
                    ? ConstantTensor.Quantized(graph, node, constant, like)
                : Zeros(graph, node, constant, like)),
        ];
        int rank = values[0].Rank;
        int axis = graph.Axis(node, node.Integer("axis", 1), rank);
        long[] extents = [.. values[0].Extents];
        if (axis == 0 || values.Any(v => v.Rank != rank || v.Extents
            .Where((e, i) => i != axis && e != extents[i]).Any()))
            throw graph.Fail(
                node, $"puts {string.Join(" and ", values.Select(
                    v => $"[{Brief.List(v.Extents)}]"))} together along axis {axis}");
        if (values is [var only])
        {
            graph.Set(node, only);
            return;
        }

        extents[axis] = values.Sum(v => v.Extents[axis]);
        if (axis == 3 && rank == 4 && !graph.HasNumbers && values.All(graph.IsTurned))
        {
            OnnxValue last = ChannelsLast.Joined(graph, node, values);
            graph.Set(node, WithConstants(graph, node, last, values, constants, axis));
            return;
        }

        bool isChannels = axis == 1 && rank <= 4;
        int[] tensors =
        [
            .. values.Select(v => isChannels
                ? graph.Canonical(node, v)
                : graph.As(node, v, new(graph.Shape(v).Length))),
        ];
        OnnxValue joined = new(
            graph.Add(node, new ConcatLayer(graph.Name(node), [.. tensors])), extents);
        joined = isChannels ? joined : Interleaved(graph, node, joined, values, axis);
        graph.Set(node, WithConstants(graph, node, joined, values, constants, axis));
    }

    /// <summary>Zeros where a constant goes: what is added afterwards is the constant.</summary>
    private static OnnxValue Zeros(
        OnnxGraph graph, OnnxNode node, OnnxTensor constant, OnnxValue like)
    {
        if (constant.Reals is not { Length: > 0 })
            throw graph.Fail(
                node, "joins what depends on the image with a constant of another type than float");
        return graph.Rearranged(
            node, like, constant.Shape, [.. Enumerable.Repeat(-1, constant.Length)]);
    }

    private static OnnxValue WithConstants(
        OnnxGraph graph, OnnxNode node, OnnxValue joined, OnnxValue[] values,
        OnnxTensor?[] constants, int axis)
    {
        if (constants.All(c => c is null || ConstantTensor.IsQuantized(c))) return joined;
        float[] added = new float[OnnxTensor.CountOf(joined.Extents)];
        int inner = (int)OnnxTensor.CountOf([.. joined.Extents.Skip(axis + 1)]);
        int whole = (int)joined.Extents[axis] * inner, first = 0;
        for (int part = 0; part < values.Length; part++)
        {
            int length = (int)values[part].Extents[axis] * inner;
            if (constants[part] is { Reals: { } reals } c && !ConstantTensor.IsQuantized(c))
                for (int i = 0; i < reals.Length; i++)
                    added[(i / length * whole) + first + (i % length)] = reals[i];
            first += length;
        }

        return Broadcasting.Scale(
            graph, node, joined, new("", joined.Extents, added, null), _ => 1, c => c);
    }

    /// <summary>A tensor's parts along an axis.</summary>
    public static void Split(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        int axis = graph.Axis(node, node.Integer("axis", 0), value.Rank);
        long whole = value.Extents[axis];
        long parts = node.Integer("num_outputs", node.Outputs.Count);
        IReadOnlyList<long> lengths = graph.Integers(node, 1, "split")
            ?? Even(whole, Math.Max(1, parts));
        if (lengths.Sum() != whole || lengths.Count != node.Outputs.Count
            || lengths.Any(l => l < 1))
            throw graph.Fail(
                node, $"splits {whole} into [{Brief.List(lengths)}] for {node.Outputs.Count} "
                    + "outputs");
        bool isApart = graph.IsBatchSecond(node.Inputs[0]);
        if (isApart && (axis != 0 || lengths.Any(l => l != 1)))
            throw graph.Fail(node, "takes more than one part of what moved the batch");
        long first = 0;
        for (int i = 0; i < lengths.Count; i++)
        {
            if (isApart) graph.SetBatchSecond(node.Outputs[i]);
            long[] to = [.. value.Extents];
            to[axis] = lengths[i];
            long start = first;
            if (graph.IsRead(node.Outputs[i]))
                MoveOperators.Set(
                    graph, node, to,
                    p =>
                    {
                        p[axis] += start;
                        return p;
                    },
                    i);
            first += lengths[i];
        }
    }

    /// <summary>As long as each other, the last perhaps shorter.</summary>
    private static long[] Even(long whole, long parts)
    {
        long each = (whole + parts - 1) / parts;
        return [.. Enumerable.Range(0, (int)Math.Min(parts, 1000))
            .Select(i => Math.Min(each, whole - (i * each)))];
    }

    /// <summary>Tensors that lie whole behind one another, with another axis joined.</summary>
    private static OnnxValue Interleaved(
        OnnxGraph graph, OnnxNode node, OnnxValue joined, OnnxValue[] values, int axis)
    {
        int[] sources = Positions.Sources(
            graph, node, [graph.Shape(joined).Length], joined.Extents,
            p =>
            {
                long at = p[axis], before = 0;
                int part = 0;
                while (at >= values[part].Extents[axis])
                {
                    at -= values[part].Extents[axis];
                    before += OnnxTensor.CountOf(values[part].Extents);
                    part++;
                }

                p[axis] = at;
                long index = 0;
                for (int i = 0; i < p.Length; i++)
                    index = (index * values[part].Extents[i]) + p[i];
                return [before + index];
            });
        return graph.Rearranged(node, joined, joined.Extents, sources);
    }

    private static void Constants(OnnxGraph graph, OnnxNode node, OnnxTensor[] parts)
    {
        if (parts.Any(p => p.Shape.Count != 1 || p.Reals is null != parts[0].Reals is null))
            throw graph.Fail(node, "puts constants together that are not lists of one type");
        long length = parts.Sum(p => (long)p.Length);
        graph.Set(node, parts[0] with
        {
            Name = "",
            Shape = [Sizes.Values((int)Math.Min(length, int.MaxValue), 1)],
            Reals = parts[0].Reals is null ? null : [.. parts.SelectMany(p => p.Reals!)],
            Integers = parts[0].Reals is null ? [.. parts.SelectMany(p => p.Integers!)] : null,
        });
    }
}
