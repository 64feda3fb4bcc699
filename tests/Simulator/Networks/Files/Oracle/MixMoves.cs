using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>What joins values, cuts them up or moves them, and functions.</summary>
internal sealed partial class MixGraph
{
    private Value? Joined(Value v, List<Value> all, string type)
    {
        Value[] fit = [.. all.Where(o => o.Extents.Length == v.Extents.Length
            && o.Extents.Zip(v.Extents).All(p => p.First == p.Second || p.First == 1))];
        Value other = One(fit);
        if (other.Name == v.Name && type == "Sub") return null;
        string[] inputs = Chance(0.5) ? [v.Name, other.Name] : [other.Name, v.Name];
        float size = type == "Mul"
            ? Math.Abs(v.Size) * Math.Abs(other.Size) * 0.6f
            : Math.Abs(v.Size) + Math.Abs(other.Size);
        return new(Nodes.Node(type, inputs), v.Extents, size);
    }

    /// <summary>A sum or product with constants, quantized or not.</summary>
    private Value Constant(Value v)
    {
        string type = One("Add", "Mul", "Sub", "Div");
        int[] shape = One<int[]>(
            [], [v.Extents[0], .. v.Extents.Skip(1).Select(_ => 1)], v.Extents);
        int count = shape.Aggregate(1, (a, b) => a * b);
        long[] extents = shape.Length == 0 ? [] : [1, .. Long(shape)];
        bool isRaw = Chance(0.6);
        Steps.Add($"{type} of {count}{(isRaw ? " quantized" : "")}");
        string constant = isRaw
            ? Nodes.Node(
                "DequantizeLinear",
                [
                    Nodes.Raw(
                        _type, [.. Enumerable.Range(0, count).Select(_ => 1 + Next(126))],
                        extents),
                    Nodes.Reals([0.01f]), Nodes.Raw(_type, [0]),
                ])
            : Nodes.Reals(
                [.. Enumerable.Range(0, count).Select(_ => 0.2f + _random.NextSingle())], extents);
        string[] inputs = type == "Div" || Chance(0.7) ? [v.Name, constant] : [constant, v.Name];
        return new(
            Nodes.Node(type, inputs), v.Extents,
            Math.Abs(v.Size) * (type == "Div" ? 3 : 1) + (type is "Add" or "Sub" ? 1 : 0));
    }

    private Value? Concat(Value v, List<Value> all)
    {
        int axis = Next(v.Extents.Length);
        Value[] fit = [.. all.Where(o => o.Extents.Length == v.Extents.Length
            && o.Extents.Where((e, a) => a != axis && e != v.Extents[a]).Count() == 0)];
        Value[] parts = [v, .. Enumerable.Range(0, 1 + Next(2)).Select(_ => One(fit))];
        int[] to = [.. v.Extents];
        to[axis] = parts.Sum(p => p.Extents[axis]);
        if (to[axis] > 40) return null;
        Steps.Add($"axis {axis + 1}");
        return new(
            Nodes.Node("Concat", [.. parts.Select(p => p.Name)], I("axis", axis + 1)), to,
            parts.Max(p => Math.Abs(p.Size)));
    }

    private Value[]? Split(Value v)
    {
        int axis = Next(v.Extents.Length), whole = v.Extents[axis];
        if (whole < 2) return null;
        int first = 1 + Next(whole - 1);
        string[] outputs = Nodes.Opset < 13
            ? Nodes.Nodes(
                "Split", [v.Name], 2, I("axis", axis + 1), Is("split", first, whole - first))
            : Nodes.Nodes(
                "Split", [v.Name, Nodes.Integers(first, whole - first)], 2, I("axis", axis + 1));
        Value Part(int i, int extent) => new(
            outputs[i], [.. v.Extents.Select((e, a) => a == axis ? extent : e)], v.Size);
        return [Part(0, first), Part(1, whole - first)];
    }

    private Value? Slice(Value v)
    {
        int axis = Next(v.Extents.Length), whole = v.Extents[axis];
        if (whole < 2) return null;
        int from = Next(whole - 1), step = One(1, 1, 2), end = from + 1 + Next(whole - from);
        int[] to = [.. v.Extents.Select(
            (e, a) => a == axis ? (end - from + step - 1) / step : e)];
        return new(
            Nodes.Node(
                "Slice",
                [
                    v.Name, Nodes.Integers(from), Nodes.Integers(end), Nodes.Integers(axis + 1),
                    Nodes.Integers(step),
                ]),
            to, v.Size);
    }

    private Value Gather(Value v)
    {
        int axis = Next(v.Extents.Length);
        long[] of = [.. Enumerable.Range(0, 1 + Next(4)).Select(_ => (long)Next(v.Extents[axis]))];
        return new(
            Nodes.Node("Gather", [v.Name, Nodes.Integers(of)], I("axis", axis + 1)),
            [.. v.Extents.Select((e, a) => a == axis ? of.Length : e)], v.Size);
    }

    private Value? Transpose(Value v)
    {
        int[] order = [.. Enumerable.Range(0, v.Extents.Length).OrderBy(_ => Next(1000))];
        return order.Length < 2 ? null : new(
            Nodes.Node("Transpose", [v.Name], Is("perm", [0, .. order.Select(a => a + 1L)])),
            [.. order.Select(a => v.Extents[a])], v.Size);
    }

    private Value? Pad(Value v)
    {
        if (v.Extents.Length != 3 || Nodes.Opset < 11) return null;
        int[] pads = [0, 0, Next(2), Next(2), 0, 0, Next(2), Next(2)];
        string mode = One("constant", "edge", "reflect");
        if (mode == "reflect" && v.Extents.Skip(1).Any(e => e < 2)) return null;
        return new(
            Nodes.Node("Pad", [v.Name, Nodes.Integers(Long(pads))], S("mode", mode)),
            [v.Extents[0], v.Extents[1] + pads[2] + pads[6], v.Extents[2] + pads[3] + pads[7]],
            v.Size);
    }

    private Value? Resize(Value v)
    {
        if (v.Extents.Length != 3 || Nodes.Opset < 11 || v.Count > 600) return null;
        return new(
            Nodes.Node(
                "Resize",
                [
                    v.Name, Nodes.Opset < 13 ? Nodes.Reals([], 0) : "",
                    Nodes.Reals([1, 1, 2, 2], 4),
                ],
                S("mode", "nearest"), S("coordinate_transformation_mode", "asymmetric"),
                S("nearest_mode", "floor")),
            [v.Extents[0], v.Extents[1] * 2, v.Extents[2] * 2], v.Size);
    }

    private Value Function(Value v)
    {
        string type = One(
            "Sigmoid", "LeakyRelu", "Tanh", "HardSigmoid", "Elu", "Abs", "Neg",
            Nodes.Opset >= 14 ? "HardSwish" : "Sigmoid", Nodes.Opset >= 20 ? "Gelu" : "Erf",
            "Silu");
        Steps.Add(type);
        return v with
        {
            Name = type switch
            {
                "Silu" => Nodes.Node("Mul", [v.Name, Nodes.Node("Sigmoid", [v.Name])]),
                "LeakyRelu" => Nodes.Node(type, [v.Name], F("alpha", 0.1f)),
                _ => Nodes.Node(type, [v.Name]),
            },
            Size = type switch
            {
                "Sigmoid" or "HardSigmoid" => -1,
                "Tanh" or "Erf" => 1,
                _ => v.Size,
            },
        };
    }
}
