using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Layers by chance between pairs of which many values lie halfway between two integers, with what
/// moves values between a pair and a layer, a layer and its clamp, or that and the next pair.
/// </summary>
internal sealed class MoveGraph
{
    private static readonly int[] Opsets = [11, 13, 13, 19, 21, 22, 23];

    private static readonly string[] Moves =
    [
        "Transpose", "Transpose", "Reshape", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice",
        "MaxPool", "Identity",
    ];

    private static readonly string[] Units =
    [
        "Conv", "Conv", "MatMul", "MatMul", "rows", "Gemm", "Add", "Mul", "square", "AveragePool",
        "GlobalAveragePool", "Softmax", "LeakyRelu", "real weights", "real bias",
    ];

    private readonly TieGraph _tie;
    private readonly DataType _type;

    /// <summary>A value and its extents behind the batch.</summary>
    private sealed record Value(string Name, int[] Extents, float Scale)
    {
        public int Count => Extents.Aggregate(1, (a, b) => a * b);
    }

    public MoveGraph(int seed)
    {
        int opset = Opsets[seed % Opsets.Length];
        // Where it moves pairs of int8 ONNX Runtime fails at newer opsets.
        _type = seed % 3 == 0 && opset < 21 ? DataType.Int8 : DataType.Uint8;
        _tie = new(seed, _type, opset);
        Steps.Add($"opset {opset}, {_type}");
    }

    /// <summary>What it has, in order.</summary>
    public List<string> Steps { get; } = [];

    private GraphBuilder Nodes => _tie.Graph;

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        (string name, float scale) = _tie.Operand();
        Value x = new(name, [8, 6, 6], scale), other = x;
        bool hasOther = _tie.Next(3) == 0;
        if (hasOther)
        {
            (name, scale) = _tie.Operand();
            other = new(name, [8, 6, 6], scale);
        }

        Value y = Layer(x, hasOther ? other : null);
        Value? branch = null;
        if (_tie.Next(4) == 0) branch = Layer(y, null);
        if (branch is not null || _tie.Next(2) == 0) y = Layer(y, null);
        y = Flat(y);
        if (branch is not null)
        {
            Steps.Add("branch");
            y = Flat(new(
                Nodes.Node("Concat", [y.Name, Flat(branch).Name], I("axis", 1)),
                [y.Count + branch.Count], y.Scale));
        }

        // At the end there would be logits behind a softmax.
        string end = _tie.Pair(Nodes.Node("Sigmoid", [y.Name]), 1 / 200f, _tie.Zero());
        return Nodes.Build(DataType.Float, [-1, 8, 6, 6], Nodes.Node("Identity", [end]));
    }

    private Value Flat(Value v) => v.Extents.Length == 1
        ? v
        : v with { Name = Nodes.Node("Flatten", [v.Name]), Extents = [v.Count] };

    private Value Layer(Value x, Value? other)
    {
        for (int more = _tie.Next(3); more > 0; more--) (x, other) = Moved(x, other);
        Value y = Unit(x, other);
        string clamp = _tie.One("", "", "", "Relu", "Clip", "cut", "wide");
        bool isLast = _tie.Next(2) == 0;
        if (!isLast) y = Clamped(y, clamp);
        for (int more = _tie.Next(3); more > 0; more--) (y, _) = Moved(y, null);
        if (isLast) y = Clamped(y, clamp);
        float scale = _tie.Scale(y.Scale);
        int zero = clamp is "Relu" or "wide" && _tie.Next(3) > 0
            ? _tie.Zero(0, 1)
            : _tie.Zero(60, 190);
        Steps.Add("pair");
        return y with { Name = _tie.Pair(y.Name, scale, zero), Scale = scale };
    }

    private Value Clamped(Value v, string clamp)
    {
        if (clamp.Length == 0) return v;
        Steps.Add(clamp);
        float step = v.Scale;
        return v with
        {
            Name = clamp switch
            {
                "Relu" => Nodes.Node("Relu", [v.Name]),
                "Clip" => Nodes.Node("Clip", [v.Name, Nodes.Real(0), Nodes.Real(90.5f * step)]),
                "cut" => Nodes.Node(
                    "Clip", [v.Name, Nodes.Real(-37.5f * step), Nodes.Real(55 * step)]),
                _ => Nodes.Node("Clip", [v.Name, Nodes.Real(0), Nodes.Real(9000 * step)]),
            },
        };
    }

    private (Value, Value?) Moved(Value v, Value? other)
    {
        string move = _tie.One(Moves);
        int rank = v.Extents.Length;
        if (move == "MaxPool" && (rank != 3 || v.Extents[1] < 2 || v.Extents[2] < 2))
            move = "Reshape";
        if (move == "Transpose" && rank < 2) move = "Reshape";
        if (move == "Squeeze" && !v.Extents.Contains(1)) move = "Unsqueeze";
        if (move == "Unsqueeze" && rank > 3) move = "Reshape";
        Func<string, string> add;
        int[] to = v.Extents;
        switch (move)
        {
            case "Transpose":
                int[] order = [.. Enumerable.Range(0, rank).OrderBy(_ => _tie.Next(1000))];
                to = [.. order.Select(a => v.Extents[a])];
                add = n => Nodes.Node(
                    move, [n], Is("perm", [0, .. order.Select(a => (long)a + 1)]));
                break;
            case "Reshape":
                int[] splits = [.. Enumerable.Range(1, 8).Where(d => v.Count % d == 0)];
                int first = _tie.One(splits);
                int rest = v.Count / first;
                int[] more = [.. Enumerable.Range(1, 12).Where(d => rest % d == 0)];
                int second = _tie.One(more);
                to = _tie.Next(4) == 0 ? [first, rest] : [first, second, rest / second];
                add = n => Nodes.Node(
                    move, [n, Nodes.Integers([0, .. to.Select(e => (long)e)])]);
                break;
            case "Flatten":
                to = [v.Count];
                add = n => Nodes.Node(move, [n]);
                break;
            case "Squeeze":
                int at = Array.IndexOf(v.Extents, 1);
                to = [.. v.Extents.Where((_, a) => a != at)];
                if (to.Length == 0) return (v, other);
                add = n => WithAxes(move, n, at + 1);
                break;
            case "Unsqueeze":
                int axis = _tie.Next(rank + 1);
                to = [.. v.Extents.Take(axis), 1, .. v.Extents.Skip(axis)];
                add = n => WithAxes(move, n, axis + 1);
                break;
            case "Slice":
                int cut = _tie.Next(rank), length = v.Extents[cut];
                int from = _tie.Next((length / 2) + 1);
                int end = length - _tie.Next(((length - from) / 2) + 1);
                to = [.. v.Extents.Select((e, a) => a == cut ? end - from : e)];
                add = n => Nodes.Node(
                    move,
                    [n, Nodes.Integers(from), Nodes.Integers(end), Nodes.Integers(cut + 1)]);
                break;
            case "MaxPool":
                to = [v.Extents[0], v.Extents[1] - 1, v.Extents[2] - 1];
                add = n => Nodes.Node(move, [n], Is("kernel_shape", 2, 2));
                break;
            default:
                add = n => Nodes.Node(move, [n]);
                break;
        }

        Steps.Add(move);
        return (
            v with { Name = add(v.Name), Extents = to },
            other is null ? null : other with { Name = add(other.Name), Extents = to });
    }

    private string WithAxes(string move, string name, long axis) => Nodes.Opset < 13
        ? Nodes.Node(move, [name], Is("axes", axis))
        : Nodes.Node(move, [name, Nodes.Integers(axis)]);

    private Value Unit(Value v, Value? other)
    {
        string unit = _tie.One(Units);
        int rank = v.Extents.Length;
        bool isImage = rank == 3;
        if (!isImage && unit is "Conv" or "real weights" or "real bias") unit = "rows";
        if (!isImage && unit is "AveragePool" or "GlobalAveragePool") unit = "square";
        if (unit is "AveragePool" && (v.Extents[1] < 2 || v.Extents[2] < 2)) unit = "square";
        if (unit == "Gemm" && rank != 1) unit = "MatMul";
        if (unit is "Add" or "Mul" && other is null) unit = "square";
        if (unit == "Softmax" && (rank < 2 || v.Extents[^1] < 2 || Nodes.Opset < 13))
            unit = "square";
        if (unit is "rows" or "MatMul" or "Gemm" && v.Extents[^1] > 300) unit = "square";
        Steps.Add(unit);
        switch (unit)
        {
            case "Conv" or "real weights" or "real bias":
                int kernel = v.Extents[1] > 2 && v.Extents[2] > 2 ? _tie.One(1, 3) : 1;
                string weights = Weights(
                    unit == "real weights", 8, v.Extents[0], kernel, kernel);
                string[] bias = unit == "Conv" && _tie.Next(2) == 0 ? [] : [Bias(8)];
                return new(
                    Nodes.Node("Conv", [v.Name, weights, .. bias]),
                    [8, v.Extents[1] - kernel + 1, v.Extents[2] - kernel + 1], v.Scale * 4);
            case "MatMul" or "rows":
                string sums = Nodes.Node(
                    "MatMul", [v.Name, Weights(false, v.Extents[^1], 5)]);
                if (unit == "rows" && _tie.Next(2) == 0)
                {
                    Steps.Add("addend");
                    sums = Nodes.Node("Add", [sums, Bias(5)]);
                }

                return new(sums, [.. v.Extents.SkipLast(1), 5], v.Scale * 4);
            case "Gemm":
                return new(
                    Nodes.Node("Gemm", [v.Name, Weights(false, v.Extents[^1], 5), Bias(5)]),
                    [5], v.Scale * 4);
            case "Add" or "Mul":
                return new(
                    Nodes.Node(unit, [v.Name, other!.Name]), v.Extents,
                    unit == "Mul" ? v.Scale * other.Scale * 64 : v.Scale);
            case "square":
                return v with
                {
                    Name = Nodes.Node("Mul", [v.Name, v.Name]),
                    Scale = v.Scale * v.Scale * 64,
                };
            case "AveragePool":
                return new(
                    Nodes.Node(unit, [v.Name], Is("kernel_shape", 2, 2)),
                    [v.Extents[0], v.Extents[1] - 1, v.Extents[2] - 1], v.Scale);
            case "GlobalAveragePool":
                return new(Nodes.Node(unit, [v.Name]), [v.Extents[0], 1, 1], v.Scale / 4);
            case "Softmax":
                return v with
                {
                    Name = Nodes.Node(unit, [v.Name], I("axis", rank)),
                    Scale = 1 / 96f,
                };
            default:
                return v with { Name = Nodes.Node(unit, [v.Name], F("alpha", 0.25f)) };
        }
    }

    private string Weights(bool areReal, params long[] shape)
    {
        int count = (int)shape.Aggregate(1L, (a, b) => a * b);
        int[] raw = [.. Enumerable.Range(0, count).Select(_ => _tie.Next(127) - 63)];
        return areReal
            ? Nodes.Reals([.. raw.Select(r => r / 64f)], shape)
            : Nodes.Node(
                "DequantizeLinear",
                [Nodes.Raw(DataType.Int8, raw, shape), Nodes.Real(1 / 64f),
                    Nodes.Raw(DataType.Int8, [0])]);
    }

    private string Bias(int count) => Nodes.Reals(
        [.. Enumerable.Range(0, count).Select(_ => (_tie.Next(400) - 200) / 128f)], count);
}
