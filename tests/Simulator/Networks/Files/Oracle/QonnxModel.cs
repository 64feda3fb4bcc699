using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// A QONNX graph and, beside it, what it comes to for one image, node by node in float64 by QONNX's
/// documentation (IntQuant version 1, BipolarQuant version 1): it shares no code with QSim.
/// </summary>
/// <param name="seed">Of weights, scales and pixels.</param>
/// <param name="domain">Of the operators.</param>
/// <param name="isPowerOfTwo">Whether all scales are powers of two, and sums exact.</param>
internal sealed partial class QonnxModel(
    int seed, string domain = "qonnx.custom_op.general", bool isPowerOfTwo = true)
{
    private readonly GraphBuilder _graph = new(13);
    private readonly Random _random = new(seed);

    /// <summary>A value of the graph: [channel][row][column].</summary>
    internal sealed record Value(string Name, double[] Data, int Channels, int Side);

    /// <summary>How far the nearest quotient was from a tie, in steps.</summary>
    public double NearestTie { get; private set; } = 1;

    /// <summary>The image, its pixels bytes over 256.</summary>
    public Value Image(int channels, int side) => new(
        "x",
        [
            .. Enumerable.Range(0, channels * side * side).Select(_ => _random.Next(256) / 256.0),
        ],
        channels, side);

    /// <summary>Quant of a value.</summary>
    public Value Quant(
        Value x, int bits, bool isSigned, bool isNarrow = false, double? step = null,
        int zero = 0, string type = "Quant")
    {
        double scale = step ?? Step(-4);
        string name = _graph.Node(
            $"{domain}:{type}",
            [x.Name, _graph.Reals([(float)scale]), _graph.Reals([zero]), _graph.Reals([bits])],
            I("signed", isSigned ? 1 : 0), I("narrow", isNarrow ? 1 : 0),
            S("rounding_mode", "ROUND"));
        return x with { Name = name, Data = [.. x.Data.Select(v => One(v, true))] };

        double One(double value, bool counts)
        {
            double quotient = (value / (float)scale) + zero;
            double tie = Math.Abs(quotient - Math.Floor(quotient) - 0.5);
            if (counts) NearestTie = Math.Min(NearestTie, tie);
            (double least, double most) = Range(bits, isSigned, isNarrow);
            double raw = Math.Round(Math.Clamp(quotient, least, most), MidpointRounding.ToEven);
            return (raw - zero) * (float)scale;
        }
    }

    /// <summary>A convolution with quantized weights, zeros around and perhaps a bias.</summary>
    public Value Conv(
        Value x, int outputs, int kernel, int bits, bool isPerChannel = false, bool hasBias = false,
        int pad = 0)
    {
        int depth = x.Channels * kernel * kernel;
        (string weight, double[] w) = Weights(
            outputs, depth, bits, isPerChannel, [outputs, x.Channels, kernel, kernel]);
        (string? biasName, double[] b) = hasBias ? Bias(outputs) : (null, new double[outputs]);
        string name = _graph.Node(
            "Conv", [x.Name, weight, .. biasName is null ? (string[])[] : [biasName]],
            Is("pads", pad, pad, pad, pad));
        int side = x.Side + (2 * pad) - kernel + 1;
        var sums = new double[outputs * side * side];
        for (int o = 0; o < outputs; o++)
            for (int r = 0; r < side; r++)
                for (int c = 0; c < side; c++)
                    sums[(((o * side) + r) * side) + c] =
                        b[o] + Window(x, w.AsSpan(o * depth, depth), kernel, r - pad, c - pad);
        return new(name, sums, outputs, side);
    }

    /// <summary>A product with a quantized matrix, given as its transpose.</summary>
    public Value Dense(Value x, int outputs, int bits)
    {
        string flat = _graph.Node("Flatten", [x.Name]);
        (string weight, double[] w) = Weights(
            outputs, x.Data.Length, bits, false, [outputs, x.Data.Length]);
        string turned = _graph.Node("Transpose", [weight], Is("perm", 1, 0));
        return new(
            _graph.Node("MatMul", [flat, turned]),
            [.. Enumerable.Range(0, outputs).Select(o =>
                x.Data.Select((v, k) => v * w[(o * x.Data.Length) + k]).Sum())],
            outputs, 1);
    }

    /// <summary>A batch norm of powers of two, some factors negative.</summary>
    public Value Norm(Value x)
    {
        double[] scale = [.. Enumerable.Range(0, x.Channels).Select(c =>
            (c % 3 == 1 ? -1 : 1) * Step(-1))];
        double[] shift =
            [.. Enumerable.Range(0, x.Channels).Select(_ => _random.Next(-8, 9) / 16.0)];
        float[] zeros = new float[x.Channels];
        string name = _graph.Node(
            "BatchNormalization",
            [
                x.Name, _graph.Reals([.. scale.Select(s => (float)s)], x.Channels),
                _graph.Reals([.. shift.Select(s => (float)s)], x.Channels),
                _graph.Reals(zeros, x.Channels),
                _graph.Reals([.. zeros.Select(_ => 1f)], x.Channels),
            ],
            F("epsilon", 0));
        int area = x.Side * x.Side;
        return x with
        {
            Name = name,
            Data = [.. x.Data.Select((v, i) => (v * (float)scale[i / area]) + shift[i / area])],
        };
    }

    public Value Relu(Value x) => x with
    {
        Name = _graph.Node("Relu", [x.Name]),
        Data = [.. x.Data.Select(v => Math.Max(v, 0))],
    };

    /// <summary>The file, and its logits.</summary>
    public byte[] Build(Value image, Value logits) => _graph.Build(
        DataType.Float, [1, image.Channels, image.Side, image.Side], logits.Name);

    private double Step(int exponent) => isPowerOfTwo
        ? Math.ScaleB(1, exponent - _random.Next(2))
        : (float)(Math.ScaleB(1, exponent) * (0.6 + (0.7 * _random.NextDouble())));

    private static double Window(
        Value x, ReadOnlySpan<double> weights, int kernel, int row, int col)
    {
        double sum = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            int r = row + (k / kernel % kernel), c = col + (k % kernel);
            if (r >= 0 && r < x.Side && c >= 0 && c < x.Side)
                sum += weights[k] * x.Data[(((k / kernel / kernel * x.Side) + r) * x.Side) + c];
        }

        return sum;
    }

    /// <summary>A weight tensor behind Quant; behind BipolarQuant where it has one bit.</summary>
    private (string Name, double[] Values) Weights(
        int outputs, int depth, int bits, bool isPerChannel, long[] shape)
    {
        double[] scales =
            [.. Enumerable.Range(0, isPerChannel ? outputs : 1).Select(_ => Step(-5))];
        float[] real = [.. Enumerable.Range(0, outputs * depth).Select(_ =>
            (float)((_random.NextDouble() - 0.5) * Math.ScaleB(scales[0], Math.Max(bits, 2))))];
        string values = _graph.Reals(real, shape);
        string scale = isPerChannel
            ? _graph.Reals(
                [.. scales.Select(s => (float)s)],
                [outputs, .. Enumerable.Repeat(1L, shape.Length - 1)])
            : _graph.Reals([(float)scales[0]]);
        string name = bits == 1
            ? _graph.Node($"{domain}:BipolarQuant", [values, scale])
            : _graph.Node(
                $"{domain}:Quant",
                [values, scale, _graph.Reals([0]), _graph.Reals([bits])],
                I("signed", 1), I("narrow", 1), S("rounding_mode", "ROUND"));
        (double least, double most) = Range(bits, true, true);
        return (name, [.. real.Select((v, i) =>
        {
            float step = (float)scales[isPerChannel ? i / depth : 0];
            double raw = bits == 1 ? v >= 0 ? 1 : -1
                : Math.Round(Math.Clamp(v / step, (float)least, (float)most));
            return raw * step;
        })]);
    }

    /// <summary>A bias with a scale of its own, eight bits.</summary>
    private (string Name, double[] Values) Bias(int outputs)
    {
        double step = Math.ScaleB(1, -6);
        float[] real = [.. Enumerable.Range(0, outputs).Select(_ =>
            (float)(_random.NextDouble() - 0.5))];
        string name = _graph.Node(
            $"{domain}:Quant",
            [
                _graph.Reals(real, outputs), _graph.Reals([(float)step]), _graph.Reals([0]),
                _graph.Reals([8]),
            ],
            I("signed", 1), I("narrow", 0), S("rounding_mode", "ROUND"));
        return (name, [.. real.Select(v => Math.Round(v / (float)step) * step)]);
    }

    private static (double Least, double Most) Range(int bits, bool isSigned, bool isNarrow) =>
        isSigned
            ? (-Math.ScaleB(1, bits - 1) + (isNarrow ? 1 : 0), Math.ScaleB(1, bits - 1) - 1)
            : (0, Math.ScaleB(1, bits) - (isNarrow ? 2 : 1));
}
