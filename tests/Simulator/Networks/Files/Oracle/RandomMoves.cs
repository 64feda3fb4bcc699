using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>The steps: shapes, and what moves values.</summary>
internal sealed partial class RandomGraph
{
    private bool Flatten(Value v) => v.Rank > 2 && Add(new(
        Graph.Node(
            "Flatten", [v.Name], Maybe(I("axis", Opset >= 11 && Chance(0.5) ? 1 - v.Rank : 1))),
        [1, Count(v.Extents)]));

    private bool Reshape(Value v)
    {
        long length = Count(v.Extents), part = Of(1, 2, 3, 4);
        long batch = WrittenBatch();
        long[] to = length % part == 0 && Chance(0.5)
            ? Of<long[]>([1, part, length / part], [1, part, 1, length / part])
            : [1, length];
        long[] written = [batch, .. to.Skip(1)];
        if (batch != -1 && Chance(0.5)) written[^1] = -1;
        AttributeProto[] zero = Opset >= 14 && Chance(0.3) ? [I("allowzero", 0)] : [];
        return Add(new(
            Graph.Node("Reshape", [v.Name, Graph.Integers(written)], zero), to));
    }

    private bool Squeeze(Value v)
    {
        long[] axes = [.. Enumerable.Range(1, v.Rank - 1).Where(a => v.Extents[a] == 1)
            .Select(a => (long)a)];
        if (axes.Length == 0 || v.Rank - axes.Length < 2) return false;
        (string[] inputs, AttributeProto[] attributes) = Given(v.Name, "axes", 13, axes);
        return Add(new(
            Graph.Node("Squeeze", inputs, attributes),
            [.. v.Extents.Where((_, a) => !axes.Contains(a))]));
    }

    private bool Unsqueeze(Value v)
    {
        if (v.Rank > 3) return false;
        long axis = Between(1, v.Rank);
        List<long> to = [.. v.Extents];
        to.Insert((int)axis, 1);
        (string[] inputs, AttributeProto[] attributes) = Given(v.Name, "axes", 13, axis);
        return Add(new(Graph.Node("Unsqueeze", inputs, attributes), [.. to]));
    }

    private bool Transpose(Value v)
    {
        long[] order = [0, .. Enumerable.Range(1, v.Rank - 1).OrderBy(_ => _random.Next())
            .Select(a => (long)a)];
        return Add(new(
            Graph.Node("Transpose", [v.Name], Is("perm", order)),
            [.. order.Select(a => v.Extents[a])]));
    }

    private bool Concat(Value v)
    {
        int axis = Between(1, v.Rank - 1);
        Value[] fit = [.. _values.Where(o => o.Rank == v.Rank
            && o.Extents.Where((e, a) => a != axis && e != v.Extents[a]).Count() == 0)];
        Value[] parts = [v, .. fit.Take(Between(0, 2))];
        long[] to = [.. v.Extents];
        to[axis] = parts.Sum(p => p.Extents[axis]);
        long written = Opset >= 11 && Chance(0.3) ? axis - v.Rank : axis;
        return Add(new(
            Graph.Node("Concat", [.. parts.Select(p => p.Name)], I("axis", written)), to));
    }

    private bool Split(Value v)
    {
        int axis = Between(1, v.Rank - 1);
        long whole = v.Extents[axis];
        if (whole < 2) return false;
        long first = Chance(0.3) && whole % 2 == 0 ? whole / 2 : Between(1, (int)whole - 1);
        bool isEven = first * 2 == whole && Chance(0.7);
        AttributeProto[] attributes = [I("axis", axis)];
        string[] inputs = [v.Name];
        if (!isEven)
        {
            (inputs, AttributeProto[] lengths) = Given(
                v.Name, "split", 13, first, whole - first);
            attributes = [.. attributes, .. lengths];
        }
        else if (Opset >= 18)
            attributes = [.. attributes, I("num_outputs", 2)];

        string[] outputs = Graph.Nodes("Split", inputs, 2, attributes);
        long[] left = [.. v.Extents], right = [.. v.Extents];
        (left[axis], right[axis]) = (first, whole - first);
        return Add(new(outputs[0], left)) && Add(new(outputs[1], right));
    }

    private bool Pad(Value v)
    {
        string mode = Of("constant", "constant", "reflect", "edge");
        long[] pads = new long[2 * v.Rank];
        for (int a = 1; a < v.Rank; a++)
            for (int end = 0; end < 2; end++)
            {
                bool isPadded = Chance(a == 1 ? 0.2 : 0.7);
                int most = mode == "reflect" ? Math.Min(2, (int)v.Extents[a] - 1) : 2;
                pads[a + (end * v.Rank)] = isPadded ? Between(0, most) : 0;
            }

        if (mode == "constant" && Chance(0.2) && v.Extents[^1] > 2) pads[v.Rank - 1] = -1;
        long[] to = [.. v.Extents.Select((e, a) => e + pads[a] + pads[a + v.Rank])];
        if (Count(to) > 2000) return false;
        (string[] inputs, AttributeProto[] attributes) = Given(v.Name, "pads", 11, pads);
        if (Opset >= 11 && mode == "constant" && Chance(0.5))
            inputs = [.. inputs, Graph.Real(0)];
        if (Opset >= 18 && Chance(0.3))
            inputs = [.. inputs, .. inputs.Length == 2 ? new[] { "" } : [],
                Graph.Integers([.. Enumerable.Range(0, v.Rank).Select(a => (long)a)])];
        return Add(new(Graph.Node("Pad", inputs, [.. attributes, S("mode", mode)]), to));
    }

    private bool Slice(Value v)
    {
        int axis = Between(1, v.Rank - 1);
        long length = v.Extents[axis];
        long step = Opset >= 10 && Chance(0.4) ? Of(2, 3, -1, -2) : 1;
        long start = step > 0 ? Between(0, (int)length - 1) : length - 1;
        long end = step > 0 ? Between((int)start + 1, (int)length) : Of(-length - 1, -length - 9);
        long span = step > 0 ? end - start : length;
        long[] to = [.. v.Extents];
        to[axis] = (span + Math.Abs(step) - 1) / Math.Abs(step);
        if (step > 0 && Chance(0.3) && end < length) end -= length;
        else if (step > 0 && end == length && Chance(0.5)) end = Of(int.MaxValue, long.MaxValue);
        if (Opset < 10)
            return Add(new(
                Graph.Node(
                    "Slice", [v.Name], Is("starts", start), Is("ends", end), Is("axes", axis)),
                to));
        string[] inputs =
            [v.Name, Graph.Integers(start), Graph.Integers(end), Graph.Integers(axis)];
        if (step != 1) inputs = [.. inputs, Graph.Integers(step)];
        return Add(new(Graph.Node("Slice", inputs), to));
    }

    private bool Gather(Value v)
    {
        int axis = Between(1, v.Rank - 1);
        long[] indices = [.. Enumerable.Range(0, Between(1, 4)).Select(_ =>
            (long)Between(Opset >= 11 ? -(int)v.Extents[axis] : 0, (int)v.Extents[axis] - 1))];
        long[] to = [.. v.Extents];
        to[axis] = indices.Length;
        return Add(new(
            Graph.Node("Gather", [v.Name, Graph.Integers(indices)], I("axis", axis)), to));
    }

    private bool Expand(Value v)
    {
        if (Opset < 8) return false;
        long[] to = [.. v.Extents.Select((e, a) => a > 0 && e == 1 ? Between(1, 3) : e)];
        return Count(to) <= 2000
            && Add(new(Graph.Node("Expand", [v.Name, Graph.Integers(to)]), to));
    }

    private bool Tile(Value v)
    {
        long[] repeats = [1, .. Enumerable.Range(1, v.Rank - 1).Select(_ => (long)Between(1, 2))];
        long[] to = [.. v.Extents.Zip(repeats, (e, r) => e * r)];
        return Count(to) <= 2000
            && Add(new(Graph.Node("Tile", [v.Name, Graph.Integers(repeats)]), to));
    }

    private bool DepthToSpace(Value v)
    {
        if (v.Rank != 4 || v.Extents[1] % 4 != 0) return false;
        AttributeProto[] mode = Opset >= 11 ? Maybe(S("mode", Of("DCR", "CRD"))) : [];
        return Add(new(
            Graph.Node("DepthToSpace", [v.Name], [I("blocksize", 2), .. mode]),
            [1, v.Extents[1] / 4, v.Extents[2] * 2, v.Extents[3] * 2]));
    }

    private bool SpaceToDepth(Value v) =>
        v.Rank == 4 && v.Extents[2] % 2 == 0 && v.Extents[3] % 2 == 0
        && Add(new(
            Graph.Node("SpaceToDepth", [v.Name], I("blocksize", 2)),
            [1, v.Extents[1] * 4, v.Extents[2] / 2, v.Extents[3] / 2]));

    private bool Resize(Value v)
    {
        if (v.Rank != 4) return false;
        float[] scales = [1, 1, Of(1f, 2f, 3f), Of(1f, 2f, 3f)];
        long[] to = [1, v.Extents[1], v.Extents[2] * (long)scales[2],
            v.Extents[3] * (long)scales[3]];
        if (Count(to) > 3000) return false;
        if (Opset < 10)
            return Add(new(
                Opset < 9
                    ? Graph.Node("Upsample", [v.Name], Fs("scales", scales), S("mode", "nearest"))
                    : Graph.Node(
                        "Upsample", [v.Name, Graph.Reals(scales, 4)], S("mode", "nearest")),
                to));
        if (Opset == 10)
            return Add(new(
                Graph.Node("Resize", [v.Name, Graph.Reals(scales, 4)], S("mode", "nearest")), to));
        string coordinates = Of("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel");
        string rounding = Of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");
        string roi = Opset >= 13 ? "" : Graph.Reals([], 0);
        return Add(new(
            Graph.Node(
                "Resize", [v.Name, roi, Graph.Reals(scales, 4)], S("mode", "nearest"),
                S("coordinate_transformation_mode", coordinates), S("nearest_mode", rounding)),
            to));
    }

    /// <summary>What PyTorch writes for <c>x.view(x.size(0), -1)</c>.</summary>
    private bool ShapeArithmetic(Value v)
    {
        string shape = Graph.Node("Shape", [v.Name]);
        string index = Graph.Integers(0);
        string batch = Graph.Node("Gather", [shape, index], I("axis", 0));
        string all = Graph.Node("Concat", [batch, Graph.Integers(-1)], I("axis", 0));
        return Add(new(Graph.Node("Reshape", [v.Name, all]), [1, Count(v.Extents)]));
    }
}
