using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Quantized graphs put together by chance.</summary>
internal sealed partial class QuantizedModel
{
    private static readonly string[] Kinds =
    [
        "conv", "stride", "pool", "Add", "Mul", "Concat", "Sigmoid", "LeakyRelu", "AveragePool",
        "padded", "addend", "factor", "moved", "attention",
    ];

    /// <summary>What a random graph has, in order.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>Two to five operators between convolutions and a dense layer; 8x8 images.</summary>
    public byte[] Chain()
    {
        int side = 8;
        Raw x = Conv(Quantize("x", 1f / 255, 0, 3), 8, 3, 1, true, relu: false);
        for (int left = _random.Next(2, 6); left > 0; left--)
        {
            string kind = Kinds[_random.Next(Kinds.Length)];
            bool isSmall = side < 4, isWide = x.Channels > 12;
            if ((isSmall && kind is "stride" or "pool" or "AveragePool" or "padded")
                || (isWide && kind == "Concat")
                || (kind is "addend" or "factor" or "attention" && (side != 8 || x.Channels != 8)))
                continue;
            Steps.Add(kind);
            x = Step(kind, x, ref side) with { Size = 60 };
        }

        x = GlobalAverage(x);
        x = x with { Name = _graph.Node("Flatten", [x.Name]) };
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], Dequantize(Classes(x)));
    }

    private Raw Step(string kind, Raw x, ref int side)
    {
        int zero = _random.Next(60, 190);
        Raw y = x with { Scale = x.Scale * (0.7f + _random.NextSingle()), Zero = zero };
        switch (kind)
        {
            case "conv":
                bool relu = _random.Next(2) == 0;
                int kernel = 1 + (2 * _random.Next(2));
                return Conv(x, 8, kernel, kernel / 2, !relu, relu);
            case "stride":
                side = (side + 1) / 2;
                return Conv(x, 8, 3, 1, true, relu: false, stride: 2);
            case "pool":
                side /= 2;
                return Pool(x);
            case "Add" or "Mul":
                Raw other = Conv(x, x.Channels, 3, 1, true, relu: false);
                return Element(
                    kind,
                    kind == "Add" ? y : y with { Scale = x.Scale * other.Scale * 37 }, x, other);
            case "Concat":
                return Join(
                    y with { Channels = x.Channels + 8 }, x,
                    Conv(x, 8, 1, 0, true, relu: false));
            case "Sigmoid":
                return Element(kind, y with { Scale = 1f / 256, Zero = 0 }, x);
            case "LeakyRelu":
                return Element(kind, y, [F("alpha", 0.1f)], x);
            case "AveragePool" or "padded":
                int pad = kind == "padded" ? 1 : 0;
                side = ((side - 2 + (2 * pad)) / 2) + 1;
                return Average(
                    x with { Zero = zero }, x, 2,
                    [Is("pads", pad, pad, pad, pad), Is("strides", 2, 2)]);
            case "moved":
                return Moved(x, "Transpose", [], 0, 1, 3, 2);
            case "attention":
                return Attention(x, Conv(x, 8, 3, 1, true, relu: false));
            default:
                return kind == "addend"
                    ? Addend("Add", x, y)
                    : Addend("Mul", x, y with { Scale = x.Scale * x.Scale * 29 });
        }
    }
}
