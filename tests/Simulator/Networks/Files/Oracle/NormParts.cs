using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// The operators of a LayerNormalization, quantized one by one as ONNX Runtime's quantizer does.
/// </summary>
/// <param name="graph">Where they go.</param>
/// <param name="type">Of integers between them.</param>
/// <param name="form">Where quantizers stand.</param>
/// <param name="count">How many numbers a row has.</param>
internal sealed class NormParts(GraphBuilder graph, DataType type, string form, int count)
{
    private const string Microsoft = "com.microsoft:";
    private readonly bool _isOperators = form.StartsWith("operators", StringComparison.Ordinal);
    private readonly bool _isWide = type is DataType.Uint16 or DataType.Int16;

    /// <summary>
    /// Whether sums are halfway between two steps, of which each way of rounding them on the way
    /// makes its own.
    /// </summary>
    public bool HasTies { get; init; }

    /// <summary>Integers, and what they mean.</summary>
    private sealed record Raw(string Name, float Scale, int Zero);

    /// <summary>Of rows of numbers; what comes out is numbers, too.</summary>
    public string Of(string rows)
    {
        if (form == "four dimensions")
            rows = graph.Node("Reshape", [rows, graph.Integers(0, 4, 4, count)]);
        Raw x = Quantized(rows, 1 / 43f, 119);
        string value = Number(x);
        string own = form == "pair of each reader" ? Number(Quantized(rows, 1 / 43f, 119)) : value;
        string mean = graph.Node("ReduceMean", [value], Is("axes", -1));
        if (form == "open mean") return mean;
        string centred = graph.Node("Sub", [own, Paired(mean, 0.01117f, 119)]);
        centred = Paired(centred, 0.02539f, 125);
        string square = graph.Node("Pow", [centred, graph.Reals([2f])]);
        string variance = graph.Node(
            "ReduceMean", [Paired(square, 0.05171f, 0)], Is("axes", -1));
        if (form == "open variance") return variance;

        // Of flat rows many a variance becomes 0, and so its sum with epsilon.
        bool areFlat = form.EndsWith("flat rows", StringComparison.Ordinal);
        (float v, float w) = areFlat ? (2.03f, 2.051f) : (0.01673f, 0.01681f);
        string root = graph.Node("Sqrt", [Number(Element(
            "Add", Quantized(variance, v, 0), Constant([1e-5f], 1e-5f / 255, 0), new("", w, 0)))]);
        string unit = graph.Node("Div", [centred, Paired(root, 0.01127f, 0)]);
        if (form == "open quotient") return unit;
        var random = new Random(count);
        float[] Numbers(float middle) => [.. Enumerable.Range(0, count).Select(
            _ => middle + (random.NextSingle() * 0.8f))];
        Raw normed = Quantized(unit, 1 / 31f, 121);

        (float a, float b, float c) = HasTies
            ? (1 / 30f, 1 / 250f, 1 / 27f)
            : (0.03319f, 0.004013f, 0.03709f);
        Raw scaled = Element(
            "Mul", normed, Constant(Numbers(0.6f), 1.4f / 255, 0), new("", a, 117));
        Raw moved = Element(
            "Add", scaled, Constant(Numbers(-0.4f), b, 101), new("", c, 113));
        return Number(moved);
    }

    private string Paired(string value, float scale, int zero) => form == "pair of each operator"
        ? Number(Quantized(value, scale, zero))
        : value;

    private Raw Quantized(string value, float scale, int zero) => Quantized(
        value, new("", scale, zero));

    private Raw Quantized(string value, Raw format) => format with
    {
        Name = graph.Node($"{Domain}QuantizeLinear", [value, .. How(format)]),
    };

    private string Number(Raw raw) => graph.Node(
        $"{Domain}DequantizeLinear", [raw.Name, .. How(raw)]);

    /// <summary>Quantized by itself, as weights of no convolution are.</summary>
    private Raw Constant(float[] numbers, float scale, int zero)
    {
        Raw raw = new("", scale, zero);
        if (form == "constants of float32")
            return raw with { Name = graph.Reals(numbers, numbers.Length) };
        (int least, int largest) = (Zero(0), Zero(255));
        return raw with
        {
            Name = graph.Raw(
                type,
                [
                    .. numbers.Select(n => Math.Clamp(
                        (int)Math.Round(n / Step(scale)) + Zero(zero), least, largest)),
                ],
                numbers.Length),
        };
    }

    private Raw Element(string op, Raw a, Raw constant, Raw y)
    {
        if (_isOperators)
            return y with
            {
                Name = graph.Node(
                    $"{Microsoft}QLinear{op}",
                    [a.Name, .. How(a), constant.Name, .. How(constant), .. How(y)]),
            };
        string other = form == "constants of float32" ? constant.Name : Number(constant);
        return Quantized(graph.Node(op, [Number(a), other]), y);
    }

    private string[] How(Raw raw) =>
        [graph.Reals([Step(raw.Scale)]), graph.Raw(type, [Zero(raw.Zero)])];

    // Before opset 21 ONNX's own operators know 8 bits only.
    private string Domain => _isWide ? Microsoft : "";

    private float Step(float scale) => _isWide ? scale / 257 : scale;

    private int Zero(int zero) => type switch
    {
        DataType.Uint8 => zero,
        DataType.Int8 => zero - 128,
        DataType.Uint16 => zero * 257,
        _ => (zero * 257) - 32768,
    };
}
