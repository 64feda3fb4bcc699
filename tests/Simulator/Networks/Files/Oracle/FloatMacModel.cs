using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Where weights of float32 numbers come from.</summary>
internal enum Weighting
{
    /// <summary>They are numbers in the file.</summary>
    Constant,

    /// <summary>A DequantizeLinear makes them of integers.</summary>
    Made,
}

/// <summary>Layers that sum float32 numbers, behind quantized ones.</summary>
/// <param name="seed">Of the numbers.</param>
/// <param name="weights">Where weights come from.</param>
internal sealed class FloatMacModel(int seed, Weighting weights)
{
    private readonly Random _random = new(seed);

    public GraphBuilder Graph { get; } = new(13);

    /// <summary>Pixels that were quantized, then a function of each in float32.</summary>
    public string Numbers(int channels) => Graph.Node(
        "Sub",
        [
            Graph.Node("Tanh", [QuantizedIslandTests.Pair(Graph, "x", 1 / 255f, 0)]),
            Graph.Reals(Random(channels, 0.5f), channels, 1, 1),
        ]);

    /// <summary>A convolution with a bias.</summary>
    public string Convolution(string x, long[] shape, params AttributeProto[] window) =>
        Graph.Node("Conv", [x, Weights(shape, 0), Bias(shape[0])], window);

    /// <summary>A product with a matrix, and a bias.</summary>
    public string Gemm(
        string x, int from, int to, bool isTurned, params AttributeProto[] factors) => Graph.Node(
            "Gemm",
            [x, Weights(isTurned ? [to, from] : [from, to], isTurned ? 0 : 1), Bias(to)],
            [I("transB", isTurned ? 1 : 0), .. factors]);

    /// <summary>Weights.</summary>
    /// <param name="shape">Their shape.</param>
    /// <param name="axis">The axis of output channels.</param>
    public string Weights(long[] shape, int axis)
    {
        int count = (int)shape.Aggregate((a, b) => a * b);
        if (weights == Weighting.Constant) return Graph.Reals(Random(count, 0.3f), shape);
        return Graph.Node(
            "DequantizeLinear",
            [
                Graph.Raw(
                    DataType.Int8, [.. Enumerable.Range(0, count).Select(
                        _ => _random.Next(-127, 128))],
                    shape),
                Graph.Real(0.0031f), Graph.Raw(DataType.Int8, [0]),
            ],
            I("axis", axis));
    }

    /// <summary>Numbers of both signs.</summary>
    public float[] Random(int count, float largest) =>
        [.. Enumerable.Range(0, count).Select(_ => largest * ((2 * _random.NextSingle()) - 1))];

    private string Bias(long count) => Graph.Reals(Random((int)count, 0.5f), count);
}
