using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>The steps: windows, and reductions.</summary>
internal sealed partial class RandomGraph
{
    private sealed record WindowChoice(
        long[] Kernel, List<AttributeProto> Attributes, long[] Extents);

    /// <summary>A window that fits; null where none came out.</summary>
    private WindowChoice? Window(Value v, bool isPool, bool isDilated = true)
    {
        int n = v.Rank - 2;
        long[] Each(Func<int, long> of) => [.. Enumerable.Range(0, n).Select(of)];
        long[] extents = [.. v.Extents.Skip(2)];
        long[] kernel = Each(a => Between(1, (int)Math.Min(4, extents[a])));
        long[] strides = Each(_ => Between(1, 3));
        string auto = Of("NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER");
        // ONNX Runtime refuses SAME with dilations in Conv, and drops the dilations in pools.
        isDilated &= !auto.StartsWith("SAME", StringComparison.Ordinal) && Chance(0.4);
        long[] dilations = Each(_ => isDilated ? Between(1, 2) : 1);
        bool isCeiling = isPool && Opset >= 10 && auto == "NOTSET" && Chance(0.4);
        long[] span = Each(a => (dilations[a] * (kernel[a] - 1)) + 1);
        long Most(int a) => isPool ? Math.Min(kernel[a] - 1, span[a] / 2) : kernel[a];
        long[] before = Each(a => auto == "NOTSET" ? Between(0, (int)Most(a)) : 0);
        long[] after = Each(a => auto == "NOTSET" ? Between(0, (int)Most(a)) : 0);
        long[] to = Each(a => auto.StartsWith("SAME", StringComparison.Ordinal)
            ? (extents[a] + strides[a] - 1) / strides[a]
            : ((extents[a] + before[a] + after[a] - span[a]) / strides[a]) + 1);
        if (Enumerable.Range(0, n).Any(a =>
            extents[a] + before[a] + after[a] < span[a] || extents[a] < span[a] || to[a] < 1
            // ONNX Runtime refuses windows that would be padded by less than nothing.
            || (isPool && strides[a] > span[a])))
            return null;
        if (isCeiling)
        {
            to = Each(a =>
            {
                long room = extents[a] + before[a] + after[a] - span[a];
                long count = ((room + strides[a] - 1) / strides[a]) + 1;
                return (count - 1) * strides[a] >= extents[a] + before[a] ? count - 1 : count;
            });
        }

        List<AttributeProto> attributes = [];
        if (strides.Any(s => s > 1) || Chance(0.3)) attributes.Add(Is("strides", strides));
        if (dilations.Any(d => d > 1)) attributes.Add(Is("dilations", dilations));
        if (auto != "NOTSET" || Chance(0.2)) attributes.Add(S("auto_pad", auto));
        if (before.Concat(after).Any(p => p > 0)) attributes.Add(Is("pads", [.. before, .. after]));
        if (isCeiling) attributes.Add(I("ceil_mode", 1));
        return new(kernel, attributes, to);
    }

    private bool Pool(Value v, string type)
    {
        bool isMax = type == "MaxPool";
        bool isDilated = isMax ? Opset >= 10 : Opset >= 19;
        if (v.Rank is not (3 or 4) || Window(v, isPool: true, isDilated) is not { } w)
            return false;
        w.Attributes.Add(Is("kernel_shape", w.Kernel));
        if (isMax && Opset >= 8 && Chance(0.2)) w.Attributes.Add(I("storage_order", 0));
        if (!isMax && Chance(0.5)) w.Attributes.Add(I("count_include_pad", 1));
        return Add(new(
            Graph.Node(type, [v.Name], [.. w.Attributes]), [1, v.Extents[1], .. w.Extents]));
    }

    private bool Global(Value v, string type) =>
        v.Rank is 3 or 4
        && Add(new(
            Graph.Node(type, [v.Name]),
            [1, v.Extents[1], .. Enumerable.Repeat(1L, v.Rank - 2)]));

    private bool Reduce(Value v, string type, int since)
    {
        if (v.Rank < 3) return false;
        long[] axes = [.. Enumerable.Range(1, v.Rank - 1).Where(_ => Chance(0.5))
            .Select(a => (long)a)];
        if (axes.Length == 0 || axes.Length == v.Rank - 1) axes = [v.Rank - 1];
        bool keeps = Chance(0.5);
        long[] to = keeps
            ? [.. v.Extents.Select((e, a) => axes.Contains(a) ? 1 : e)]
            : [.. v.Extents.Where((_, a) => !axes.Contains(a))];
        long[] written = [.. axes.Select(a => Opset >= 11 && Chance(0.3) ? a - v.Rank : a)];
        (string[] inputs, AttributeProto[] attributes) = Given(v.Name, "axes", since, written);
        return Add(new(
            Graph.Node(type, inputs, [.. attributes, I("keepdims", keeps ? 1 : 0)]), to));
    }
}
