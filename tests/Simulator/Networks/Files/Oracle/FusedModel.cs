using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>What stands about a layer.</summary>
public enum About
{
    /// <summary>Pairs of QuantizeLinear and DequantizeLinear.</summary>
    Integers,

    /// <summary>Float32 numbers, in a network with such pairs.</summary>
    Numbers,

    /// <summary>The same in a network that was quantized dynamically.</summary>
    Dynamic,
}

/// <summary>
/// A convolution or a product of matrices with sums, products and norms of constants behind it, by
/// chance: some of them become part of it in ONNX Runtime, and some do not.
/// </summary>
internal sealed class FusedModel
{
    // Small raw pixels, of which two products do not leave 16 bits.
    private const float Coarse = 1 / 100f;

    private readonly Random _random;
    private readonly GraphBuilder _graph;
    private readonly About _about;

    /// <param name="seed">Of everything.</param>
    /// <param name="kind">Conv, line, MatMul, rows or Gemm.</param>
    /// <param name="isMade">Whether a DequantizeLinear makes the weights.</param>
    /// <param name="about">What stands about it.</param>
    public FusedModel(int seed, string kind, bool isMade, About about)
    {
        _random = new(seed);
        _about = about;
        int opset = new[] { 13, 15, 17, 21, 22, 23 }[_random.Next(6)];
        _graph = new(opset) { HasConstantNodes = _random.Next(4) == 0 };
        Steps.Add($"opset {opset}");
        int to = _random.Next(1, 14);
        (Channels, Side) = kind is "Conv" or "line"
            ? (_random.Next(1, 20), 6)
            : kind == "rows" ? (_random.Next(1, 6), _random.Next(2, 18))
            : (_random.Next(1, 320), 1);
        bool isOpen = _random.Next(2) == 0;
        Batch = kind == "rows" && isOpen || (kind != "rows" && _random.Next(4) > 0) ? -1 : 1;
        string x = about == About.Dynamic
            ? "x"
            : QuantizedIslandTests.Pair(_graph, "x", Coarse, 0);
        if (about != About.Integers) x = _graph.Node("Tanh", [x]);
        if (kind == "line") x = _graph.Node("Reshape", [x, _graph.Integers(0, 0, -1)]);
        if (kind == "rows") x = _graph.Node("Reshape", [x, _graph.Integers(0, 0, -1)]);
        if (kind is "MatMul" or "Gemm") x = _graph.Node("Flatten", [x]);
        // Of integers behind a Flatten ONNX Runtime makes numbers again.
        if (about == About.Integers && kind != "Conv" && (isMade || _random.Next(3) > 0))
            x = QuantizedIslandTests.Pair(_graph, x, Coarse, 0);
        string y = Mac(kind, x, to, isMade);
        for (int left = _random.Next(4); left > 0; left--)
            y = Behind(y, to, kind is "Conv" ? 2 : kind == "line" ? 1 : 0);
        Output = Ended(y);
    }

    /// <summary>What it is made of, for messages.</summary>
    public List<string> Steps { get; } = [];

    public int Channels { get; }

    public int Side { get; }

    private int Batch { get; }

    private string Output { get; }

    /// <summary>The file.</summary>
    public byte[] File() => _graph.Build(
        DataType.Float, [Batch, Channels, Side, Side], _graph.Node("Flatten", [Output]));

    private string Mac(string kind, string x, int to, bool isMade)
    {
        int kernel = _random.Next(1, 4);
        (string type, long[] shape, int axis) = kind switch
        {
            "Conv" => ("Conv", new long[] { to, Channels, kernel, kernel }, 0),
            "line" => ("Conv", [to, Channels, kernel], 0),
            "rows" => ("MatMul", [Side * Side, to], 1),
            _ => (kind, [Channels, to], 1),
        };
        string[] inputs = [x, Weights(shape, axis, isMade)];
        bool hasBias = type != "MatMul" && _random.Next(2) == 0;
        if (hasBias) inputs = [.. inputs, _graph.Reals(Numbers(to, 0.8f), to)];
        Steps.Add($"{kind} {Batch}x{Channels}x{Side} {string.Join('x', shape)}"
            + $"{(hasBias ? " with bias" : "")}{(isMade ? " made" : "")}");
        return _graph.Node(type, inputs);
    }

    private string Weights(long[] shape, int axis, bool isMade)
    {
        int count = (int)shape.Aggregate((a, b) => a * b);
        if (!isMade) return _graph.Reals(Numbers(count, 0.3f), shape);
        int scales = _random.Next(2) == 0 ? 1 : (int)shape[axis];
        bool hasZero = _random.Next(4) > 0;
        if (!hasZero) Steps.Add("no zero point");
        return _graph.Node(
            "DequantizeLinear",
            [
                _graph.Raw(
                    DataType.Int8,
                    [.. Enumerable.Range(0, count).Select(_ => _random.Next(-127, 128))], shape),
                scales == 1
                    ? _graph.Real(0.0031f)
                    : _graph.Reals(
                        [.. Numbers(scales, 0.002f).Select(n => Math.Abs(n) + 0.0005f)], scales),
                .. (string[])(hasZero
                    ? [_graph.Raw(DataType.Int8, new int[scales], scales == 1 ? [] : [scales])]
                    : []),
            ],
            scales == 1 ? [] : [I("axis", axis)]);
    }

    private string Behind(string y, int to, int dimensions)
    {
        string[] all =
            ["Add", "Add", "Add", "Mul", "BatchNormalization", "Identity", "Dropout"];
        string type = all[_random.Next(all.Length)];
        if (type == "BatchNormalization" && dimensions == 0) type = "Add";
        Steps.Add(type);
        if (type is "Identity" or "Dropout") return _graph.Node(type, [y]);
        if (type == "BatchNormalization")
            return _graph.Node(
                type,
                [
                    y, Flat(), Flat(), Flat(),
                    _graph.Reals([.. Numbers(to, 1).Select(n => Math.Abs(n) + 0.1f)], to),
                ],
                _random.Next(2) == 0 ? [] : [F("epsilon", 1e-3f)]);
        long[] ones = [.. Enumerable.Repeat(1L, dimensions)];
        long[] shape = _random.Next(6) switch
        {
            0 => [1],
            1 => [],
            2 => [1, to, .. ones],
            _ => [to, .. ones],
        };
        string constant = _graph.Reals(
            Numbers(shape.Contains(to) ? to : 1, 0.9f), shape);
        bool isTurned = _random.Next(4) == 0;
        Steps.Add($"[{string.Join(',', shape)}]{(isTurned ? " first" : "")}");
        return _graph.Node(type, isTurned ? [constant, y] : [y, constant]);

        string Flat() => _graph.Reals(Numbers(to, 1), to);
    }

    private string Ended(string y)
    {
        string[] between = _about == About.Integers
            ? ["Relu", "Clip", "", "", "", "", "Tanh", "open"]
            : ["Tanh", "open"];
        string type = between[_random.Next(between.Length)];
        Steps.Add(type);
        if (_about == About.Dynamic) return Dynamic(y, type);
        if (type == "open") return y;
        // Where its pair does not make up for a Relu or Clip, ONNX Runtime sums in float32.
        if (type == "Clip") y = _graph.Node(type, [y, _graph.Real(-0.61f), _graph.Real(1.11f)]);
        else if (type.Length > 0) y = _graph.Node(type, [y]);
        (float scale, int zero) = type switch
        {
            "Clip" => (1.7f / 255, 90),
            "Relu" => (1 / 43f, 0),
            _ => (1 / 43f, 100),
        };
        return QuantizedIslandTests.Pair(_graph, y, scale, zero);
    }

    /// <summary>The numbers, and a sum of them all that was quantized dynamically.</summary>
    private string Dynamic(string y, string type)
    {
        if (type != "open") y = _graph.Node(type, [y]);
        string flat = _graph.Node("Flatten", [y]);
        string[] integers = _graph.Nodes(
            "DynamicQuantizeLinear", [Largest(flat)], 3);
        string sums = _graph.Node(
            "MatMulInteger",
            [integers[0], _graph.Raw(DataType.Uint8, [7], 1, 1), integers[2]]);
        string scaled = _graph.Node(
            "Mul",
            [
                _graph.Node("Cast", [sums], I("to", 1)),
                _graph.Node("Mul", [integers[1], _graph.Real(0.1f)]),
            ]);
        return _graph.Node("Concat", [flat, scaled], I("axis", 1));
    }

    private string Largest(string flat) => _graph.Opset < 18
        ? _graph.Node("ReduceMax", [flat], Is("axes", 1))
        : _graph.Node("ReduceMax", [flat, _graph.Integers(1)]);

    private float[] Numbers(int count, float largest) =>
        [.. Enumerable.Range(0, count).Select(_ => largest * ((2 * _random.NextSingle()) - 1))];
}
