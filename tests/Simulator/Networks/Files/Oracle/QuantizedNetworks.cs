using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Networks that need the operators of com.microsoft, or pairs in their place.</summary>
internal sealed partial class QuantizedModel
{
    private const string Microsoft = "com.microsoft:";

    /// <summary>
    /// ResNet-20 for 32x32 images; the output is real logits, or the features before them.
    /// </summary>
    /// <param name="centre">The features' means, that logits may differ; null for features.</param>
    public byte[] ResNet20(double[]? centre)
    {
        Raw x = Quantize("x", 1f / 255, 0, 3);
        x = Conv(x, 16, 3, 1, isAsymmetric: false, relu: true);
        foreach (int filters in new[] { 16, 32, 64 })
            for (int block = 0; block < 3; block++)
            {
                int stride = filters > 16 && block == 0 ? 2 : 1;
                Raw inner = Conv(x, filters, 3, 1, false, relu: true, stride);
                inner = Conv(inner, filters, 3, 1, isAsymmetric: true, relu: false);
                Raw by = stride == 1 ? x : Conv(x, filters, 1, 0, true, relu: false, stride);
                x = Add(inner, by);
            }

        x = GlobalAverage(x);
        return Logits(x, 32, centre, 0.25);
    }

    /// <summary>One operator between two convolutions of 8x8 images.</summary>
    public byte[] Between(string type)
    {
        Raw x = Quantize("x", 1f / 255, 0, 3);
        x = Conv(x, 8, 3, 1, isAsymmetric: true, relu: false);
        Raw other = Conv(x, 8, 3, 1, isAsymmetric: true, relu: false);
        Raw y = x with { Scale = x.Scale * 1.37f, Zero = 97 };
        x = type switch
        {
            "Add" => Element(type, y, x, other),
            "Mul" => Element(type, y with { Scale = x.Scale * other.Scale * 37 }, x, other),
            "Sigmoid" => Element(type, y with { Scale = 1f / 256, Zero = 0 }, x),
            "LeakyRelu" => Element(type, y, [F("alpha", 0.1f)], x),
            "Concat" => Join(y with { Channels = 16 }, x, other),
            // Half of all means of four lie halfway between two raw values, or a quarter off.
            "ties" => Average(x with { Zero = 97 }, x, 2, [Is("strides", 2, 2)]),
            "padded" => Average(
                x with { Zero = 97 }, x, 2, [Is("pads", 1, 1, 1, 1), Is("strides", 2, 2)]),
            "counted" => Average(
                x with { Zero = 97 }, x, 2,
                [Is("pads", 1, 1, 1, 1), Is("strides", 2, 2), I("count_include_pad", 1)]),
            "whole" => Average(x with { Zero = 97 }, x, 8, []),
            "relu" => Quantize(
                _graph.Node(
                    "Relu",
                    [_graph.Node("AveragePool", [Dequantize(x)], Is("kernel_shape", 3, 3))]), y),
            _ => Element(
                type, y,
                [Is("kernel_shape", 3, 3), Is("strides", 2, 2)], x),
        };
        x = GlobalAverage(x with { Size = 60 });
        x = x with { Name = _graph.Node("Flatten", [x.Name]) };
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], Dequantize(Classes(x)));
    }

    /// <summary>A softmax inside, or at the end; or the features before it.</summary>
    public byte[] Softmax(bool isLast, double[]? centre)
    {
        Raw x = Quantize("x", 1f / 255, 0, 3);
        x = GlobalAverage(Conv(x, 12, 3, 1, isAsymmetric: false, relu: true));
        if (centre is null) return Logits(x, 8, null, 4);
        x = Classes(Flat(x, centre));
        Raw y = new("", 1f / 256, 0, 10) { Size = 1.5 };
        string softmax = isOperators
            ? _graph.Node(
                $"{Microsoft}QLinearSoftmax", [x.Name, .. Of(x), .. Of(y)], I("axis", -1),
                I("opset", 13))
            : Quantize(_graph.Node("Softmax", [Dequantize(x)], I("axis", -1)), y).Name;
        y = y with { Name = softmax };
        return _graph.Build(
            DataType.Float, [-1, 3, 8, 8], Dequantize(isLast ? y : Classes(y)));
    }

    private byte[] Logits(Raw x, int side, double[]? centre, double size) => _graph.Build(
        DataType.Float, [-1, 3, side, side],
        Dequantize(centre is null ? Flat(x, null) : Classes(Flat(x, centre, size))));

    /// <summary>What differs from image to image is small beside the mean.</summary>
    private Raw Flat(Raw x, double[]? centre, double size = 4) => x with
    {
        Name = _graph.Node("Flatten", [x.Name]),
        Centre = centre?.Select(c => c / x.Scale).ToArray(),
        Size = size,
    };

    private Raw Classes(Raw x) => isOperators
        ? Product(
            x, "Gemm", new(10, x.Channels, [10, x.Channels], [0.003f], 131), relu: false,
            new([I("transB", 1)]), isGemm: true)
        : Dense(x, 10, relu: false);

    private Raw Add(Raw a, Raw b)
    {
        Raw y = new("", Math.Max(a.Scale, b.Scale) * 1.3f, 0, a.Channels) { Size = 60 };
        if (isOperators) return Element("Add", y, a, b);
        string sum = _graph.Node("Relu", [_graph.Node("Add", [Dequantize(a), Dequantize(b)])]);
        return Quantize(sum, y);
    }

    private Raw Average(Raw y, Raw x, int kernel, AttributeProto[] attributes) =>
        Element("AveragePool", y, [Is("kernel_shape", kernel, kernel), .. attributes], x);

    private Raw GlobalAverage(Raw x) => Element(
        "GlobalAveragePool", x with { Scale = x.Scale * 0.7f, Zero = 3, Size = 60 }, x);

    private Raw Element(string type, Raw y, params Raw[] x) => Element(type, y, [], x);

    private Raw Element(string type, Raw y, AttributeProto[] attributes, params Raw[] x) =>
        isOperators
            ? y with
            {
                Name = _graph.Node(
                    $"{Microsoft}QLinear{type}",
                    [.. x.SelectMany(v => (string[])[v.Name, .. Of(v)]), .. Of(y)], attributes),
            }
            : Quantize(_graph.Node(type, [.. x.Select(Dequantize)], attributes), y);

    private Raw Join(Raw y, params Raw[] x) => Join(y, 1, x);

    private Raw Join(Raw y, int axis, params Raw[] x) => isOperators
        ? y with
        {
            Name = _graph.Node(
                $"{Microsoft}QLinearConcat",
                [.. Of(y), .. x.SelectMany(v => (string[])[v.Name, .. Of(v)])], I("axis", axis)),
        }
        : Quantize(_graph.Node("Concat", [.. x.Select(Dequantize)], I("axis", axis)), y);

    private Raw Quantize(string name, Raw y) =>
        Quantize(name, y.Scale, y.Zero, y.Channels) with { Size = y.Size };

    private string[] Of(Raw x) => [_graph.Reals([x.Scale]), Zero(x.Zero)];
}
