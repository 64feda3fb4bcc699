using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Layers by chance in a row or two, each between pairs: windows of all kinds, scales of each
/// channel, integers of several types in one graph, values that are cut up and joined.
/// </summary>
internal sealed partial class MixGraph
{
    private static readonly int[] Opsets = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];

    private readonly Random _random;
    private readonly bool _restates;
    private readonly bool _repeats;
    private (DataType Type, int Zero) _last;
    private readonly bool _isMixed;
    private readonly bool _hasRuntimes;
    private readonly DataType _type;
    private readonly string[] _units;

    /// <summary>A value and its extents behind the batch; about how far its numbers go.</summary>
    private sealed record Value(string Name, int[] Extents, float Size)
    {
        public int Count => Extents.Aggregate(1, (a, b) => a * b);

        /// <summary>One step of its pair.</summary>
        public float Step { get; init; } = 1;
    }

    public MixGraph(int seed, string? unit = null)
    {
        _random = new(seed);
        // Of its own, so that seeds still give the layers that they gave.
        var files = new Random(~seed);
        _restates = files.NextDouble() < 0.3;
        _repeats = files.NextDouble() < 0.3;
        Nodes = new(One(Opsets))
        {
            HasConstantNodes = Chance(0.2),
            ListsConstants = files.NextDouble() < 0.2,
            MixesConstants = files.NextDouble() < 0.2,
        };
        _type = One(DataType.Uint8, DataType.Uint8, DataType.Int8);
        _isMixed = Nodes.Opset >= 21 && Chance(0.3);
        _hasRuntimes = Chance(0.1);
        _units = unit is null ? [.. Units.Keys] : [unit];
        Shape = Chance(0.15) ? [One(8, 5), One(12, 9)] : [One(8, 8, 6, 3), One(6, 7), One(6, 5)];
        Batch = Chance(0.3) ? 1 : -1;
        Steps.Add($"opset {Nodes.Opset}, {_type}{(_isMixed ? " and others" : "")}");
    }

    /// <summary>What it has, in order.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>Extents of an image.</summary>
    public int[] Shape { get; }

    private int Batch { get; }

    private GraphBuilder Nodes { get; }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        Value x = Quantized(new("x", Shape, 1), isFirst: true);
        while (Steps.Count < 3)
            if ((Gemm(x) ?? Conv(x)) is { } first)
                x = Quantized(first);
        List<Value> values = [x];
        for (int left = 1 + Next(3), tries = 0; left > 0 && tries < 40; tries++)
        {
            Value from = Chance(0.8) ? values[^1] : One([.. values]);
            string unit = One(_units);
            int steps = Steps.Count;
            Steps.Add(unit);
            if (Units[unit](this, from, values) is not { } y)
            {
                Steps.RemoveRange(steps, Steps.Count - steps);
                continue;
            }

            left--;
            foreach (Value made in y)
                if (Chance(0.04)) values.Add(made);
                else if (!_repeats) values.Add(Quantized(Clamped(made)));
                else values.AddRange(Repeated(Clamped(made)));
        }

        Value last = values[^1];
        if (Chance(0.3) && values.Count > 2)
        {
            Value other = values[Next(values.Count - 1)];
            Steps.Add("branch");
            last = Quantized(new(
                Nodes.Node("Concat", [Flat(last).Name, Flat(other).Name], I("axis", 1)),
                [last.Count + other.Count], Math.Max(last.Size, other.Size)));
        }

        // At the end there would be logits behind a softmax.
        string end = Pair(Nodes.Node("Sigmoid", [Flat(last).Name]), DataType.Uint8, 1 / 200f, 0)
            .Name;
        return Nodes.Build(
            DataType.Float, [Batch, .. Shape.Select(e => (long)e)],
            Nodes.Node("Identity", [end]));
    }

    private Value Flat(Value v) => v.Extents.Length == 1
        ? v
        : v with { Name = Nodes.Node("Flatten", [v.Name]), Extents = [v.Count] };

    private Value Clamped(Value v)
    {
        string clamp = One("", "", "", "Relu", "Clip", "cut");
        if (clamp.Length == 0) return v;
        Steps.Add(clamp);
        string Bounds(float low, float high) => Nodes.Opset < 11
            ? Nodes.Node("Clip", [v.Name], F("min", low), F("max", high))
            : Nodes.Node("Clip", [v.Name, Nodes.Reals([low]), Nodes.Reals([high])]);
        return v with
        {
            Name = clamp switch
            {
                "Relu" => Nodes.Node("Relu", [v.Name]),
                "Clip" => Bounds(0, v.Size * 0.7f),
                _ => Bounds(-0.3f * v.Size, 0.4f * v.Size),
            },
        };
    }

    /// <summary>A pair of a type by chance whose range holds most of a value's numbers.</summary>
    private Value Quantized(Value v, bool isFirst = false)
    {
        DataType type = _isMixed && Chance(0.4)
            ? One(DataType.Uint8, DataType.Int8, DataType.Uint16, DataType.Int16)
            : _type;
        int bits = type is DataType.Uint16 or DataType.Int16 ? 16 : 8;
        bool isSigned = type is DataType.Int8 or DataType.Int16;
        int least = isSigned ? -(1 << (bits - 1)) : 0, levels = (1 << bits) - 1;
        bool isSided = isFirst || v.Size < 0;
        float size = Math.Abs(v.Size), scale = size * (isSided ? 1 : 2) / levels;
        if (!isFirst)
            scale = Chance(0.5)
                ? MathF.ScaleB(1 + Next(7), (int)MathF.Round(MathF.Log2(scale)) - 2)
                : scale * (0.6f + _random.NextSingle());
        int zero = isSided || Chance(0.15) ? least
            : Chance(0.05) ? least + levels
            : least + (levels / 2) + Next(levels / 4) - (levels / 8);
        string note = type == _type ? "pair" : $"pair {type}";
        Steps.Add(zero == least ? $"{note} from 0" : note);
        return Pair(v.Name, type, scale, zero) with { Extents = v.Extents, Size = v.Size };
    }

    /// <summary>A pair for each of two readers, as with dedicated pairs, or one.</summary>
    private Value[] Repeated(Value v)
    {
        Value first = Quantized(v);
        if (Chance(0.5)) return [first];
        Steps.Add("again");
        Value second = Pair(v.Name, _last.Type, first.Step, _last.Zero);
        return [second with { Extents = v.Extents, Size = v.Size }, first];
    }

    private Value Pair(string value, DataType type, float scale, int zero)
    {
        _last = (type, zero);
        bool hasZero = type != DataType.Uint8 || zero != 0 || !Chance(0.3);
        string[] How() =>
        [
            Nodes.Reals([scale]),
            .. hasZero ? [Nodes.Raw(type, [zero])] : Array.Empty<string>(),
        ];
        string[] how = How();
        string domain = _hasRuntimes ? "com.microsoft:" : "";
        string raw = Nodes.Node($"{domain}QuantizeLinear", [value, .. how]);
        if (_restates) how = How();
        return new(Nodes.Node($"{domain}DequantizeLinear", [raw, .. how]), [], 1)
        {
            Step = scale,
        };
    }

    private int Next(int below) => _random.Next(below);

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private T One<T>(params T[] of) => of[Next(of.Length)];

    private static Value[]? All(Value? one) => one is null ? null : [one];
}
