using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Quantized graphs as ONNX Runtime's quantizer writes them: QuantizeLinear and DequantizeLinear
/// around every layer, or the QLinear operators; random weights, scales that fill the range.
/// </summary>
/// <param name="seed">Of everything random.</param>
/// <param name="isOperators">QLinear operators in place of pairs, where there are some.</param>
/// <param name="weights">Type of weights.</param>
/// <param name="most">Largest magnitude of a weight.</param>
internal sealed partial class QuantizedModel(
    int seed, bool isOperators, DataType weights = DataType.Int8, int most = 63)
{
    private readonly Random _random = new(seed);

    /// <summary>
    /// Whether weights stand as real numbers between a pair of their own, as the quantizer's
    /// AddQDQPairToWeight and tools of NVIDIA's write them.
    /// </summary>
    public bool PairsWeights { get; init; }

    /// <summary>
    /// Whether biases are numbers between steps of the sums, as with <c>QuantizeBias: False</c>.
    /// </summary>
    public bool HasFloatBias { get; init; }

    /// <summary>
    /// The largest integer that a Clip behind each QuantizeLinear leaves, as PyTorch's exporter
    /// writes observers with reduce_range; null without Clips.
    /// </summary>
    public byte? Most { get; init; }

    /// <summary>
    /// Whether each is cast to the type that it has, as the exporter does with quantized modules.
    /// </summary>
    public bool IsCast { get; init; }

    private readonly GraphBuilder _graph = new(13);

    /// <summary>Raw values with their scale, zero point and rough size.</summary>
    private sealed record Raw(string Name, float Scale, int Zero, int Channels)
    {
        public double Size { get; init; } = 70;

        /// <summary>Mean of each channel, zero point subtracted, where it is known.</summary>
        public double[]? Centre { get; init; }
    }

    /// <summary>LeNet-5 for 28x28 images; the output is real logits.</summary>
    public byte[] LeNet(bool isAsymmetric)
    {
        Raw x = Quantize("x", 1f / 255, 0, 1);
        x = Pool(Conv(x, 6, 5, 2, isAsymmetric, relu: true));
        x = Pool(Conv(x, 16, 5, 0, isAsymmetric, relu: true));
        x = x with { Name = _graph.Node("Flatten", [x.Name]), Channels = 16 * 25 };
        x = Dense(x, 120, relu: true);
        x = Dense(x, 84, relu: true);
        x = Dense(x, 10, relu: false);
        return _graph.Build(DataType.Float, [-1, 1, 28, 28], Dequantize(x));
    }

    /// <summary>Convolutions and a global average pool, as residual networks end.</summary>
    public byte[] Convolutional()
    {
        Raw x = Quantize("x", 1f / 255, 0, 3);
        x = Conv(x, 8, 3, 1, isAsymmetric: false, relu: true);
        x = Conv(x, 12, 3, 1, isAsymmetric: true, relu: false);
        x = Conv(x, 12, 3, 1, isAsymmetric: false, relu: true);
        string mean = _graph.Node("GlobalAveragePool", [Dequantize(x)]);
        x = Quantize(mean, x.Scale * 0.7f, 3, 12) with { Size = 60 };
        x = x with { Name = _graph.Node("Flatten", [x.Name]) };
        x = Dense(x, 10, relu: false);
        return _graph.Build(DataType.Float, [-1, 3, 8, 8], Dequantize(x));
    }

    private Raw Quantize(string name, float scale, int zero, int channels)
    {
        string raw = _graph.Node("QuantizeLinear", [name, _graph.Reals([scale]), Zero(zero)]);
        if (Most is { } most) raw = _graph.Node("Clip", [raw, "", Zero(most)]);
        if (IsCast) raw = _graph.Node("Cast", [raw], I("to", (long)DataType.Uint8));
        return new(raw, scale, zero, channels);
    }

    private string Dequantize(Raw x) => _graph.Node(
        "DequantizeLinear", [x.Name, _graph.Reals([x.Scale]), Zero(x.Zero)]);

    private Raw Pool(Raw x) => x with
    {
        Name = isOperators
            ? _graph.Node(
                "MaxPool", [x.Name], Is("kernel_shape", 2, 2), Is("strides", 2, 2))
            : Quantize(
                _graph.Node(
                    "MaxPool", [Dequantize(x)], Is("kernel_shape", 2, 2), Is("strides", 2, 2)),
                x.Scale, x.Zero, x.Channels).Name,
    };

    private Raw Conv(
        Raw x, int filters, int kernel, int pad, bool isAsymmetric, bool relu, int stride = 1)
    {
        int depth = x.Channels * kernel * kernel;
        float[] scales = [.. Enumerable.Range(0, filters)
            .Select(_ => 0.002f + (0.004f * _random.NextSingle()))];
        long[] shape = [filters, x.Channels, kernel, kernel];
        AttributeProtos window = new(
            [
                Is("kernel_shape", kernel, kernel), Is("pads", pad, pad, pad, pad),
                Is("strides", stride, stride),
            ]);
        return Product(
            x, "Conv", new(filters, depth, shape, scales, isAsymmetric && !relu ? 120 : 0), relu,
            window);
    }

    private Raw Dense(Raw x, int outputs, bool relu) => Product(
        x, "Gemm",
        new(outputs, x.Channels, [outputs, x.Channels], [0.003f], relu ? 0 : Most / 2 ?? 131),
        relu, new([I("transB", 1)]));

    private sealed record AttributeProtos(
        QSim.Simulator.Networks.Files.Onnx.Schema.AttributeProto[] All);

    private sealed record Weights(int Channels, int Depth, long[] Shape, float[] Scales, int Zero);

    private Raw Product(
        Raw x, string type, Weights w, bool relu, AttributeProtos attributes,
        bool isGemm = false)
    {
        int zero = weights == DataType.Uint8 ? 128 : 0;
        int[] raw = [.. Enumerable.Range(0, w.Channels * w.Depth)
            .Select(_ => _random.Next(-most, most + 1) + zero)];
        double spread = Math.Sqrt(w.Depth) * most * 0.58 * x.Size;
        int[] bias = [.. Enumerable.Range(0, w.Channels)
            .Select(_ => (int)((_random.NextDouble() - 0.4) * spread))];
        if (x.Centre is { } centre)
            bias = [.. bias.Select((_, c) => -(int)centre
                .Select((m, k) => m * (raw[(c * w.Depth) + k] - zero)).Sum())];
        float y = (float)(x.Scale * w.Scales.Average() * spread * 3 / (relu ? 255 : 127));
        string[] k = [_graph.Raw(weights, raw, w.Shape), _graph.Reals(w.Scales, Shape(w.Scales)),
            _graph.Raw(weights, [.. w.Scales.Select(_ => zero)], Shape(w.Scales))];
        string b = _graph.Raw(DataType.Int32, bias, w.Channels);
        Raw result = new("", y, w.Zero, w.Channels) { Size = relu ? 85 : 45 };
        if (isOperators && type == "Conv")
            return result with
            {
                Name = _graph.Node(
                    "QLinearConv",
                    [
                        x.Name, _graph.Reals([x.Scale]), Zero(x.Zero), .. k, _graph.Reals([y]),
                        Zero(w.Zero), b,
                    ],
                    attributes.All),
            };
        if (isGemm)
            return result with
            {
                Name = _graph.Node(
                    "com.microsoft:QGemm",
                    [
                        x.Name, _graph.Reals([x.Scale]), Zero(x.Zero), .. k, b,
                        _graph.Reals([y]), Zero(w.Zero),
                    ],
                    attributes.All),
            };
        float[] steps = [.. w.Scales.Select(s => s * x.Scale)];
        if (PairsWeights)
        {
            // Up to 0.4 of a step off: the pair has to find the nearest again.
            float[] real = [.. raw.Select((r, i) => (float)(
                (r - zero + (0.8 * _random.NextDouble()) - 0.4)
                * w.Scales[w.Scales.Length == 1 ? 0 : i / w.Depth]))];
            k[0] = _graph.Node(
                "QuantizeLinear", [_graph.Reals(real, w.Shape), k[1], k[2]], I("axis", 0));
        }

        string weight = _graph.Node("DequantizeLinear", k, I("axis", 0));
        string addend = HasFloatBias
            ? _graph.Reals(
                [
                    .. bias.Select((n, c) => (float)(
                        (n + (0.9 * _random.NextDouble()) - 0.45)
                        * steps[steps.Length == 1 ? 0 : c])),
                ], bias.Length)
            : _graph.Node(
                "DequantizeLinear",
                [b, _graph.Reals(steps, Shape(steps)),
                    _graph.Raw(DataType.Int32, new int[steps.Length], Shape(steps))],
                I("axis", 0));
        string sum = _graph.Node(type, [Dequantize(x), weight, addend], attributes.All);
        if (relu) sum = _graph.Node("Relu", [sum]);
        return result with { Name = Quantize(sum, y, w.Zero, w.Channels).Name };
    }

    private static long[] Shape(float[] scales) => scales.Length == 1 ? [] : [scales.Length];

    private string Zero(int value) => _graph.Raw(DataType.Uint8, [value]);
}
