using System.Runtime.Intrinsics.X86;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Networks in the form in which ONNX Runtime's quantize_dynamic writes them.</summary>
/// <param name="seed">Of the weights.</param>
/// <param name="isPerChannel">Whether each output channel has a scale.</param>
/// <param name="weights">Type of the weights; ONNX Runtime's ConvInteger takes uint8 alone.</param>
/// <param name="opset">Version of ONNX's operators.</param>
internal sealed class DynamicModel(
    int seed, bool isPerChannel, DataType weights = DataType.Uint8, int opset = 13)
{
    private readonly GraphBuilder _graph = new(opset);
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, string[]> _quantized = [];
    private string _padded = "";

    private DynamicConstants Constants => new(_graph, _random);

    /// <summary>For what has no scale.</summary>
    public GraphBuilder Graph => _graph;

    /// <summary>What random networks are made of, for messages.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>
    /// Whether ONNX Runtime may sum in another order unless it optimizes: then windows before
    /// opset 19, and channels behind a pool, are summed in blocks of channels.
    /// </summary>
    public bool AveragesInBlocks => Steps.Intersect(["7", "13", "22", "25"]).Any();

    /// <summary>
    /// Ends a test where ONNX Runtime may lay 16 channels side by side, or sum in 16 lanes.
    /// </summary>
    public static void SkipWiderBlocks() => Skip.If(
        Avx512F.IsSupported, "ONNX Runtime's order of sums was found out with AVX2");

    /// <summary>LeNet-5's form for 28x28 images.</summary>
    /// <param name="normalizes">Whether it subtracts a mean of pixels and divides.</param>
    public byte[] LeNet(bool normalizes = false)
    {
        string pixels = normalizes
            ? _graph.Node(
                "Div",
                [_graph.Node("Sub", ["x", _graph.Real(0.1307f)]), _graph.Real(0.3081f)])
            : "x";
        string x = Pool(Relu(Conv(pixels, 1, 6, 5, pad: 2)));
        x = Pool(Relu(Conv(x, 6, 16, 5, pad: 0)));
        x = _graph.Node("Flatten", [x]);
        x = Relu(Dense(x, 400, 120));
        x = Relu(Dense(x, 120, 84));
        return _graph.Build(DataType.Float, [-1, 1, 28, 28], Dense(x, 84, 10));
    }

    /// <summary>A block of everything that may stand between sums, by chance.</summary>
    /// <param name="hasConstants">Whether constants are among it, and what else has some.</param>
    public byte[] Chain(bool hasConstants = false)
    {
        string x = Conv("x", 3, 8, 3, pad: 1);
        for (int i = _random.Next(2, 6); i > 0; i--)
        {
            int step = _random.Next(hasConstants ? 26 : 16);
            Steps.Add($"{step}");
            x = step switch
            {
                0 => Relu(x),
                1 => _graph.Node("Clip", [x, _graph.Real(-0.7f), _graph.Real(1.3f)]),
                2 => _graph.Node("Add", [x, Conv(x, 8, 8, 3, pad: 1)]),
                3 => Conv(
                    _graph.Node("Concat", [x, Relu(x)], I("axis", 1)), 16, 8, 1, pad: 0),
                4 => _graph.Node(
                    "MaxPool", [Unpadded(x)], Is("kernel_shape", 3, 3), Is("pads", 1, 1, 1, 1)),
                5 => Conv(x, 8, 8, 3, pad: 1, groups: 4),
                6 => _graph.Node("Transpose", [x], Is("perm", 0, 1, 3, 2)),
                7 => Average(x),
                8 => _graph.Node("Mul", [x, _graph.Node("Sigmoid", [x])]),
                9 => _graph.Node(
                    "HardSigmoid", [x], F("alpha", 0.17f + _random.NextSingle()),
                    F("beta", _random.NextSingle())),
                10 => DynamicForms.HardSwish(_graph, x),
                11 => _graph.Node("LeakyRelu", [x], F("alpha", _random.NextSingle())),
                12 or 13 => _graph.Node(
                    "Mul",
                    [
                        x,
                        _graph.Node("Sigmoid", [Conv(Mean(x, step == 12), 8, 8, 1, pad: 0)]),
                    ]),
                14 => _graph.Node("Sigmoid", [x]),
                25 => Gated(Constants.Add(Blocks(x), _random.Next(16, 25))),
                > 15 => Constants.Add(x, step),
                _ => Conv(x, 8, 8, 3, pad: 1),
            };
        }

        x = _graph.Node("Flatten", [x]);
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], Dense(x, 512, 10));
    }

    /// <summary>A batch norm behind a pool, and a sum of it that ONNX Runtime may fuse.</summary>
    /// <param name="other">What else is added, and how.</param>
    /// <param name="isLast">Whether it is the network's output, or a gate's and a layer's input.
    /// </param>
    public byte[] NormAndSum(string other, bool isLast)
    {
        string pool = Blocks(Conv("x", 3, 8, 3, pad: 1)), norm = Constants.Add(pool, 22);
        string x = other switch
        {
            "pool, turned" => _graph.Node("Add", [pool, norm]),
            "norm" => _graph.Node("Add", [norm, Constants.Add(pool, 22)]),
            "convolution" => _graph.Node("Add", [norm, Conv(pool, 8, 8, 3, pad: 1)]),
            "activation" => _graph.Node("Add", [Relu(norm), pool]),
            "read twice" => _graph.Node("Mul", [_graph.Node("Add", [norm, pool]), norm]),
            "three" => _graph.Node("Sum", [norm, pool, Relu(pool)]),
            "Sum" => _graph.Node("Sum", [pool, norm]),
            "itself" => _graph.Node("Add", [norm, norm]),
            _ => _graph.Node("Add", [norm, pool]),
        };
        x = _graph.Node("Flatten", [isLast ? x : Gated(x)]);
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], isLast ? x : Dense(x, 512, 10));
    }

    /// <summary>One of them behind a pool, and a mean behind it.</summary>
    /// <param name="step">Its number.</param>
    public byte[] BehindAPool(int step)
    {
        string x = Gated(Constants.Add(Blocks(Conv("x", 3, 8, 3, pad: 1)), step));
        x = _graph.Node("Flatten", [x]);
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], Dense(x, 512, 10));
    }

    /// <summary>A pool, behind which ONNX Runtime has blocks of channels.</summary>
    private string Blocks(string x) => _graph.Node(
        _random.Next(2) == 0 ? "MaxPool" : "AveragePool", [Unpadded(x)],
        Is("kernel_shape", 3, 3), Is("pads", 1, 1, 1, 1));

    /// <summary>A value times a share of each channel that its mean says.</summary>
    private string Gated(string x) => _graph.Node(
        "Mul", [x, _graph.Node("Sigmoid", [Conv(Mean(x, isReduction: false), 8, 8, 1, pad: 0)])]);

    /// <summary>Means of each channel, as one operator or another writes them.</summary>
    public string Mean(string x, bool isReduction) =>
        !isReduction ? _graph.Node("GlobalAveragePool", [x])
        : opset < 18 ? _graph.Node("ReduceMean", [x], Is("axes", 2, 3))
        : _graph.Node("ReduceMean", [x, _graph.Integers(-1, -2)]);

    /// <summary>A window of any form; what has fewer rows and columns is padded to 8.</summary>
    private string Average(string x)
    {
        int kernel = (2 * _random.Next(3)) + 1, stride = _random.Next(1, 4);
        string y = _graph.Node(
            "AveragePool", [Unpadded(x)], Is("kernel_shape", kernel, kernel),
            Is("strides", stride, stride),
            Is("pads", [.. Enumerable.Repeat(kernel / 2L, 4)]),
            I("count_include_pad", _random.Next(2)));
        int rows = (7 / stride) + 1;
        if (stride == 1) return y;
        _padded = _graph.Node(
            "Pad", [y, _graph.Integers(0, 0, 0, 0, 0, 0, 8 - rows, 8 - rows)]);
        return _padded;
    }

    /// <summary>
    /// Something between a Pad and a pool: ONNX Runtime makes one of the two, and then fails
    /// where as much is padded as the window is large.
    /// </summary>
    private string Unpadded(string x) => x == _padded ? Relu(x) : x;

    /// <summary>Integers times weights, their scale, and an addend.</summary>
    public string Conv(
        string x, int channels, int filters, int kernel, int pad, int groups = 1, int stride = 1)
    {
        int depth = channels / groups * kernel * kernel;
        return Product(
            x, filters, [filters, channels / groups, kernel, kernel], depth,
            [1, filters, 1, 1],
            (inputs, w) => _graph.Node(
                "ConvInteger", [inputs[0], w.Raw, inputs[2], w.Zero],
                Is("kernel_shape", kernel, kernel), Is("pads", pad, pad, pad, pad),
                I("group", groups), Is("strides", stride, stride)));
    }

    /// <summary>A product with a matrix.</summary>
    public string Dense(string x, int inputs, int outputs) => Product(
        x, outputs, [inputs, outputs], inputs, [outputs],
        (values, w) => _graph.Node("MatMulInteger", [values[0], w.Raw, values[2], w.Zero]));

    /// <summary>A product of two matrices, both quantized by each image.</summary>
    public string Matrices(string left, string right)
    {
        string[] a = Quantized(left), b = Quantized(right);
        string sums = _graph.Node("MatMulInteger", [a[0], b[0], a[2], b[2]]);
        string real = _graph.Node("Cast", [sums], I("to", 1));
        string scale = _graph.Node(
            "Mul", _random.Next(2) == 0 ? [a[1], b[1]] : [b[1], a[1]]);
        return _graph.Node("Mul", _random.Next(2) == 0 ? [real, scale] : [scale, real]);
    }

    private string Product(
        string x, int outputs, long[] shape, int depth, long[] along,
        Func<string[], (string Raw, string Zero), string> sums)
    {
        string[] integers = Quantized(x);
        bool isConv = shape.Length > 2, isUnsigned = isConv || weights == DataType.Uint8;
        int zero = isUnsigned ? 120 + _random.Next(16) : 0;
        int most = isUnsigned ? 110 : 63;
        int[] raw = [.. Enumerable.Range(0, outputs * depth)
            .Select(_ => zero + _random.Next(-most, most + 1))];
        DataType type = isUnsigned ? DataType.Uint8 : DataType.Int8;
        bool hasZeros = isPerChannel && !isConv;
        string zeros = hasZeros
            ? _graph.Raw(type, [.. Enumerable.Repeat(zero, outputs)], outputs)
            : _graph.Raw(type, [zero]);
        float[] scales = [.. Enumerable.Range(0, isPerChannel ? outputs : 1).Select(_ =>
            (float)(2 / (most * Math.Sqrt(depth)) * (0.5 + _random.NextDouble())))];
        string w = _graph.Reals(scales, isPerChannel ? along : []);
        string scale = _graph.Node(
            "Mul", _random.Next(2) == 0 ? [integers[1], w] : [w, integers[1]]);
        string real = _graph.Node(
            "Cast", [sums(integers, (_graph.Raw(type, raw, shape), zeros))], I("to", 1));
        string y = _graph.Node("Mul", [real, scale]);
        float[] addends =
            [.. Enumerable.Range(0, outputs).Select(_ => (_random.NextSingle() - 0.5f) / 2)];
        string bias = isConv
            ? _graph.Node(
                "Reshape", [_graph.Reals(addends, outputs), _graph.Integers(1, -1, 1, 1)])
            : _graph.Reals(addends, along);
        return _graph.Node("Add", [y, bias]);
    }

    /// <summary>What a second layer reads, too, is quantized once.</summary>
    private string[] Quantized(string x)
    {
        if (!_quantized.TryGetValue(x, out string[]? integers))
            _quantized[x] = integers = _graph.Nodes("DynamicQuantizeLinear", [x], 3);
        return integers;
    }

    /// <summary>A ReLU.</summary>
    public string Relu(string x) => _graph.Node("Relu", [x]);

    private string Pool(string x) =>
        _graph.Node("MaxPool", [x], Is("kernel_shape", 2, 2), Is("strides", 2, 2));
}
