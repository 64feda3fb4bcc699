using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Layers between pairs of given types.</summary>
internal sealed class IntegersModel(
    int seed, string activation, string weight, bool isPerChannel)
{
    private readonly Random _random = new(seed);
    private readonly DataType _activation = Enum.Parse<DataType>(activation);
    private readonly DataType _weight = Enum.Parse<DataType>(weight);

    private readonly Dictionary<string, float> _steps = [];

    public GraphBuilder Graph { get; } = new(21);

    /// <summary>
    /// A step of the last layer's first channel: of some times that, exact sums are often
    /// halfway, and float32's on either side.
    /// </summary>
    public float Sums { get; private set; }

    /// <summary>The largest magnitude of a raw weight; 0 for what the type has.</summary>
    public int Most { get; init; }

    /// <summary>A pair of a scale and a zero point for 8 bits; with 16 finer.</summary>
    public string Pair(string value, float scale, int zero)
    {
        (float step, int raw) = _activation switch
        {
            DataType.Uint16 or DataType.Int16 => (scale / 257, zero * 100),
            _ => (scale, zero),
        };
        string[] how = [Graph.Real(step), Graph.Raw(_activation, [raw])];
        string made = Graph.Node(
            "DequantizeLinear", [Graph.Node("QuantizeLinear", [value, .. how]), .. how]);
        _steps[made] = step;
        return made;
    }

    /// <summary>The step of what a value is made of.</summary>
    private float Step(string value) =>
        _steps.TryGetValue(value, out float step) ? step : _steps.Values.Last();

    /// <summary>A layer with weights of integers, and but for MatMul a bias.</summary>
    public string Layer(
        string type, string value, long[] shape, int axis, params AttributeProto[] how)
    {
        long channels = shape[axis];
        (int least, int most) = _weight switch
        {
            DataType.Int4 => (-7, 7),
            DataType.Uint4 => (0, 15),
            DataType.Uint8 => (0, 255),
            DataType.Int16 => (-32767, 32767),
            _ => Most > 0 ? (-Most, Most) : (-127, 127),
        };
        int zero = least < 0 ? 0 : (most + 1) / 2;
        float[] scales = [.. Enumerable.Range(0, isPerChannel ? (int)channels : 1)
            .Select(_ => (0.2f + (0.2f * _random.NextSingle())) / most)];
        int count = (int)shape.Aggregate((a, b) => a * b);
        string made = Graph.Node(
            "DequantizeLinear",
            [
                Weights([.. Enumerable.Range(0, count).Select(
                    _ => _random.Next(least, most + 1))], shape),
                isPerChannel ? Graph.Reals(scales, channels) : Graph.Real(scales[0]),
                isPerChannel
                    ? Weights([.. scales.Select(_ => zero)], channels)
                    : Graph.Raw(_weight, [zero]),
            ],
            I("axis", axis));
        Sums = scales[0] * Step(value);
        if (type == "MatMul") return Graph.Node(type, [value, made]);
        string bias = Graph.Node(
            "DequantizeLinear",
            [
                Graph.Raw(
                    DataType.Int32,
                    [.. Enumerable.Range(0, (int)channels).Select(
                        _ => _random.Next(-9999, 9999))],
                    channels),
                isPerChannel
                    ? Graph.Reals([.. scales.Select(s => s * Step(value))], channels)
                    : Graph.Real(scales[0] * Step(value)),
                isPerChannel
                    ? Graph.Raw(DataType.Int32, new int[channels], channels)
                    : Graph.Raw(DataType.Int32, [0]),
            ],
            I("axis", 0));
        return Graph.Node(type, [value, made, bias], how);
    }

    /// <summary>Two values of 4 bits share a byte.</summary>
    private string Weights(int[] raw, params long[] shape) => Graph.Raw(
        _weight,
        _weight is DataType.Int4 or DataType.Uint4
            ? [.. raw.Chunk(2).Select(two => (two[0] & 15) | ((two[^1] & 15) << 4))]
            : raw,
        shape);
}
