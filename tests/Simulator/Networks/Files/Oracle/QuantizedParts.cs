using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Parts of transformers and U-Nets in quantized graphs.</summary>
internal sealed partial class QuantizedModel
{
    /// <summary>One of them between two convolutions of 8x8 images.</summary>
    public byte[] Part(string type)
    {
        Raw x = Quantize("x", 1f / 255, 0, 3);
        x = Conv(x, 8, 3, 1, isAsymmetric: true, relu: false);
        Raw other = Conv(x, 8, 3, 1, isAsymmetric: true, relu: false);
        x = type switch
        {
            "attention" => Attention(x, other),
            "class token" => Token(x),
            "addend" => Addend("Add", x, x with { Scale = x.Scale * 1.37f, Zero = 97 }),
            "factor" => Addend("Mul", x, x with { Scale = x.Scale * x.Scale * 29, Zero = 97 }),
            "transposed" => Transposed(x, _random.Next(2) == 0),
            "rescaled" => Bilinear(x, x with { Scale = x.Scale * 0.83f, Zero = 101 }),
            _ => throw new ArgumentException(type),
        };
        x = GlobalAverage(x with { Size = 60 });
        x = x with { Name = _graph.Node("Flatten", [x.Name]) };
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], Dequantize(Classes(x)));
    }

    /// <summary>softmax(Q K) V of 8 rows of 64.</summary>
    private Raw Attention(Raw q, Raw k)
    {
        Raw rows = Moved(q, "Reshape", [_graph.Integers(0, 8, 64)]);
        Raw columns = Moved(
            Moved(k, "Reshape", [_graph.Integers(0, 8, 64)]), "Transpose", [], [0, 2, 1]);
        Raw scores = MatMul(rows, columns, q with { Scale = q.Scale * k.Scale * 200, Zero = 120 });
        Raw shares = new("", 1f / 256, 0, 8);
        shares = shares with
        {
            Name = isOperators
                ? _graph.Node(
                    $"{Microsoft}QLinearSoftmax", [scores.Name, .. Of(scores), .. Of(shares)],
                    I("axis", -1), I("opset", 13))
                : Quantize(
                    _graph.Node("Softmax", [Dequantize(scores)], I("axis", -1)), shares).Name,
        };
        Raw mixed = MatMul(shares, rows, q with { Scale = q.Scale * 0.7f, Zero = 119 });
        return Moved(mixed, "Reshape", [_graph.Integers(0, 8, 8, 8)]);
    }

    private Raw MatMul(Raw a, Raw b, Raw y) => y with
    {
        Name = isOperators
            ? _graph.Node("QLinearMatMul", [a.Name, .. Of(a), b.Name, .. Of(b), .. Of(y)])
            : Quantize(_graph.Node("MatMul", [Dequantize(a), Dequantize(b)]), y).Name,
    };

    /// <summary>A row of constants ahead of eight rows, as vision transformers begin.</summary>
    private Raw Token(Raw x)
    {
        Raw rows = Moved(x, "Reshape", [_graph.Integers(0, 8, 64)]);
        Raw token = Constant(new("", x.Scale * 0.61f, 130, 8), 1, 1, 64);
        Raw joined = Join(x with { Scale = x.Scale * 1.2f, Zero = 111 }, axis: 1, token, rows);
        return Moved(joined, "Reshape", [_graph.Integers(0, 9, 8, 8)]) with { Channels = 9 };
    }

    /// <summary>A sum or product with constants that were quantized like activations.</summary>
    private Raw Addend(string type, Raw x, Raw y) => Element(
        type, y with { Name = "" }, x, Constant(new("", x.Scale * 0.77f, 101, 8), 1, 8, 8, 8));

    private Raw Constant(Raw like, params long[] shape) => like with
    {
        Name = _graph.Raw(
            DataType.Uint8,
            [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b))
                .Select(_ => _random.Next(256))],
            shape),
    };

    /// <summary>A transposed convolution, scales per tensor or per output channel.</summary>
    private Raw Transposed(Raw x, bool isPerChannel)
    {
        const int Outputs = 6;
        float[] scales = [.. Enumerable.Range(0, isPerChannel ? Outputs : 1)
            .Select(_ => 0.002f + (0.004f * _random.NextSingle()))];
        int[] raw = [.. Enumerable.Range(0, x.Channels * Outputs * 9)
            .Select(_ => _random.Next(-most, most + 1))];
        int[] bias = [.. Enumerable.Range(0, Outputs).Select(_ => _random.Next(-9999, 9999))];
        string weight = _graph.Node(
            "DequantizeLinear",
            [
                _graph.Raw(DataType.Int8, raw, x.Channels, Outputs, 3, 3),
                _graph.Reals(scales, Shape(scales)),
                _graph.Raw(DataType.Int8, new int[scales.Length], Shape(scales)),
            ],
            I("axis", 1));
        float[] steps = [.. scales.Select(s => s * x.Scale)];
        string sums = _graph.Node(
            "DequantizeLinear",
            [
                _graph.Raw(DataType.Int32, bias, Outputs), _graph.Reals(steps, Shape(steps)),
                _graph.Raw(DataType.Int32, new int[steps.Length], Shape(steps)),
            ],
            I("axis", 0));
        string y = _graph.Node(
            "ConvTranspose", [Dequantize(x), weight, sums], Is("strides", 2, 2),
            Is("pads", 1, 1, 1, 1), Is("output_padding", 1, 1));
        return Quantize(
            y, new("", x.Scale * scales.Average() * 9000 * 3 / 127, 117, Outputs));
    }

    /// <summary>An image of bytes made larger, its scale kept.</summary>
    public byte[] Upsampled()
    {
        Raw x = Quantize("x", 1f / 255, 0, 1);
        return _graph.Build(DataType.Float, [-1, 1, 4, 4], Dequantize(Bilinear(x, x)));
    }

    private Raw Bilinear(Raw x, Raw y) => Quantize(
        _graph.Node(
            "Resize", [Dequantize(x), "", _graph.Reals([1, 1, 2, 2], 4)], S("mode", "linear"),
            S("coordinate_transformation_mode", "half_pixel")),
        y);

    /// <summary>Values that are moved: integers in operators' graphs, between pairs else.</summary>
    private Raw Moved(Raw x, string type, string[] inputs, params long[] perm) => x with
    {
        Name = isOperators
            ? _graph.Node(type, [x.Name, .. inputs], Perm(perm))
            : Quantize(_graph.Node(type, [Dequantize(x), .. inputs], Perm(perm)), x).Name,
    };

    private static Simulator.Networks.Files.Onnx.Schema.AttributeProto[] Perm(long[] perm) =>
        perm.Length == 0 ? [] : [Is("perm", perm)];
}
