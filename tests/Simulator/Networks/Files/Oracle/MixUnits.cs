using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>The layers.</summary>
internal sealed partial class MixGraph
{
    private static readonly Dictionary<
        string, Func<MixGraph, Value, List<Value>, Value[]?>> Units = new()
        {
            ["Conv"] = (g, v, _) => All(g.Conv(v)),
            ["MatMul"] = (g, v, _) => All(g.MatMul(v)),
            ["Gemm"] = (g, v, _) => All(g.Gemm(v)),
            ["AveragePool"] = (g, v, _) => All(g.Pool(v, "AveragePool")),
            ["MaxPool"] = (g, v, _) => All(g.Pool(v, "MaxPool")),
            ["GlobalAveragePool"] = (g, v, _) => v.Extents.Length == 1 ? null
                : All(new(
                    g.Nodes.Node("GlobalAveragePool", [v.Name]),
                    [v.Extents[0], .. v.Extents.Skip(1).Select(_ => 1)], v.Size)),
            ["GlobalMaxPool"] = (g, v, _) => v.Extents.Length == 1 ? null
                : All(new(
                    g.Nodes.Node("GlobalMaxPool", [v.Name]),
                    [v.Extents[0], .. v.Extents.Skip(1).Select(_ => 1)], v.Size)),
            ["ReduceMean"] = (g, v, _) => All(g.Mean(v)),
            ["Add"] = (g, v, all) => All(g.Joined(v, all, "Add")),
            ["Sub"] = (g, v, all) => All(g.Joined(v, all, "Sub")),
            ["Mul"] = (g, v, all) => All(g.Joined(v, all, "Mul")),
            ["constant"] = (g, v, _) => All(g.Constant(v)),
            ["Concat"] = (g, v, all) => All(g.Concat(v, all)),
            ["Split"] = (g, v, _) => g.Split(v),
            ["Slice"] = (g, v, _) => All(g.Slice(v)),
            ["Gather"] = (g, v, _) => All(g.Gather(v)),
            ["Transpose"] = (g, v, _) => All(g.Transpose(v)),
            ["Pad"] = (g, v, _) => All(g.Pad(v)),
            ["Resize"] = (g, v, _) => All(g.Resize(v)),
            ["Softmax"] = (g, v, _) => g.Nodes.Opset < 13 ? null
                : All(v with
                {
                    Name = g.Nodes.Node("Softmax", [v.Name], I("axis", -1)),
                    Size = -1,
                }),
            ["function"] = (g, v, _) => All(g.Function(v)),
            ["pair"] = (_, v, _) => [v],
        };

    /// <summary>Window attributes, and what is left of each axis.</summary>
    private (AttributeProto[] All, int[] Kernel, int[] To)? Window(Value v, bool isPool)
    {
        int[] from = [.. v.Extents.Skip(1)];
        int n = from.Length;
        int[] Each(Func<int, int> of) => [.. Enumerable.Range(0, n).Select(of)];
        int[] kernel = Each(_ => One(1, 2, 3)), strides = Each(_ => One(1, 1, 2));
        int[] dilations = Each(_ => !isPool && Chance(0.25) ? 2 : 1);
        bool isPadded = Chance(0.5);
        int[] before = Each(a => isPadded ? Next(kernel[a]) : 0);
        int[] after = Each(a => isPadded ? Next(kernel[a]) : 0);
        int[] span = Each(a => (dilations[a] * (kernel[a] - 1)) + 1);
        bool isCeiling = isPool && Chance(0.2);
        int[] to = Each(a =>
            ((from[a] + before[a] + after[a] - span[a] + (isCeiling ? strides[a] - 1 : 0))
                / strides[a]) + 1);
        if (Each(a => from[a] - span[a]).Any(r => r < 0)) return null;
        if (isCeiling)
            to = Each(a => (to[a] - 1) * strides[a] >= from[a] + before[a] ? to[a] - 1 : to[a]);
        AttributeProto[] all =
        [
            Is("kernel_shape", Long(kernel)), Is("strides", Long(strides)),
            Is("pads", Long([.. before, .. after])),
            .. isPool ? [] : new[] { Is("dilations", Long(dilations)) },
            .. isCeiling ? [I("ceil_mode", 1)] : Array.Empty<AttributeProto>(),
        ];
        return (all, kernel, to);
    }

    private static long[] Long(int[] numbers) => [.. numbers.Select(n => (long)n)];

    private Value? Conv(Value v)
    {
        if (v.Extents.Length is not (2 or 3) || Window(v, isPool: false) is not { } w) return null;
        int channels = v.Extents[0];
        int groups = Chance(0.3) ? channels : channels % 2 == 0 && Chance(0.2) ? 2 : 1;
        int to = groups == 1 ? One(8, 5, 16) : groups * One(1, 2);
        int depth = channels / groups * w.Kernel.Aggregate(1, (a, b) => a * b);
        string[] inputs =
        [
            v.Name,
            .. Weights(
                0, to, depth, [to, channels / groups, .. Long(w.Kernel)], v, isAlike: true),
        ];
        Steps.Add($"{groups} groups");
        return new(
            Nodes.Node("Conv", inputs, [.. w.All, I("group", groups)]), [to, .. w.To],
            Sum(v, depth));
    }

    private Value? Gemm(Value v)
    {
        if (v.Extents.Length != 1 || v.Count > 400) return null;
        bool isTurned = Chance(0.6);
        const int To = 7;
        string[] inputs = [v.Name, .. Weights(
            isTurned ? 0 : 1, To, v.Count, isTurned ? [To, v.Count] : [v.Count, To], v)];
        if (inputs.Length == 2 && Nodes.Opset < 11) return null;
        return new(
            Nodes.Node("Gemm", inputs, I("transB", isTurned ? 1 : 0)), [To], Sum(v, v.Count));
    }

    private Value? MatMul(Value v)
    {
        int depth = v.Extents[^1];
        if (depth > 400) return null;
        const int To = 6;
        string[] inputs = [v.Name, .. Weights(1, To, depth, [depth, To], v)];
        string sums = Nodes.Node("MatMul", inputs[..2]);
        if (inputs.Length > 2 && Chance(0.5)) sums = Nodes.Node("Add", [sums, inputs[2]]);
        return new(sums, [.. v.Extents.SkipLast(1), To], Sum(v, depth));
    }

    private static float Sum(Value v, int depth) =>
        Math.Abs(v.Size) * MathF.Sqrt(depth) * 0.35f;

    /// <summary>Weights of up to 1 and, perhaps, a bias of int32 or of numbers.</summary>
    private string[] Weights(
        int axis, int channels, int depth, long[] shape, Value v, bool isAlike = false)
    {
        bool isPer = Chance(0.5) && Nodes.Opset >= 13, isSigned = Chance(0.6);
        float[] scales = [.. Enumerable.Range(0, isPer ? channels : 1)
            .Select(_ => Chance(0.5) ? One(1, 2, 3) / 128f : (0.3f + _random.NextSingle()) / 64)];
        // The sums of two products stay within 16 bits.
        int zero = isSigned ? 0 : One(64, 100, 128);
        bool hasOwn = isPer && !isSigned && !isAlike && Chance(0.5);
        int[] raw = [.. Enumerable.Range(0, channels * depth)
            .Select(_ => isSigned ? Next(127) - 63 : Next(256))];
        DataType type = isSigned ? DataType.Int8 : DataType.Uint8;
        long[] per = isPer ? [channels] : [];
        string[] how = [Nodes.Reals(scales, per)];
        if (zero != 0 || Chance(0.7))
            how =
                [.. how, Nodes.Raw(type, [.. scales.Select(_ => hasOwn ? Next(256) : zero)], per)];
        AttributeProto[] along = isPer ? [I("axis", axis)] : [];
        string weights = Nodes.Node(
            "DequantizeLinear", [Nodes.Raw(type, raw, shape), .. how], along);
        if (isPer) Steps.Add(hasOwn ? "zero points per channel" : "per channel");
        switch (Next(5))
        {
            case 0:
                return [weights];
            case 1:
                Steps.Add("real bias");
                return
                [
                    weights,
                    Nodes.Reals(
                        [.. Enumerable.Range(0, channels).Select(_ => (_random.NextSingle() - 0.5f)
                            * Math.Abs(v.Size))], channels),
                ];
            default:
                float[] steps = [.. scales.Select(s => s * v.Step)];
                return
                [
                    weights,
                    Nodes.Node(
                        "DequantizeLinear",
                        [
                            Nodes.Raw(
                                DataType.Int32,
                                [.. Enumerable.Range(0, channels).Select(_ => Next(8000) - 4000)],
                                channels),
                            Nodes.Reals(steps, per),
                        ],
                        isPer ? [I("axis", 0)] : []),
                ];
        }
    }

    private Value? Pool(Value v, string type)
    {
        if (v.Extents.Length is not (2 or 3) || Window(v, isPool: true) is not { } w) return null;
        AttributeProto[] all = type == "AveragePool" && Chance(0.4)
            ? [.. w.All, I("count_include_pad", 1)]
            : w.All;
        Steps.Add(string.Join(
            "; ", all.Select(a => $"{a.Name} {string.Join(',', a.Ints)}")));
        return new(Nodes.Node(type, [v.Name], all), [v.Extents[0], .. w.To], v.Size);
    }

    private Value? Mean(Value v)
    {
        int rank = v.Extents.Length;
        int[] axes = [.. Enumerable.Range(1, rank).Where(_ => Chance(0.5))];
        if (axes.Length == 0 || axes.Length == rank) return null;
        int[] to = [.. v.Extents.Select((e, a) => axes.Contains(a + 1) ? 1 : e)];
        return new(
            Nodes.Opset < 18
                ? Nodes.Node("ReduceMean", [v.Name], Is("axes", Long(axes)))
                : Nodes.Node("ReduceMean", [v.Name, Nodes.Integers(Long(axes))]),
            to, v.Size);
    }
}
