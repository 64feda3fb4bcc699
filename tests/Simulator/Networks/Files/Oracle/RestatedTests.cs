using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Constants that a file has once or more often, factors of a Gemm, and what is written of them.
/// </summary>
public class RestatedTests
{
    /// <summary>
    /// Two pairs of one value: ONNX Runtime makes one of them where they share the zero point, and
    /// computes what they quantize in float32 where each has its own.
    /// </summary>
    [SkippableTheory]
    [InlineData("Conv", true)]
    [InlineData("Conv", false)]
    [InlineData("real bias", true)]
    [InlineData("real bias", false)]
    [InlineData("AveragePool", true)]
    [InlineData("AveragePool", false)]
    [InlineData("ceil_mode", true)]
    [InlineData("ceil_mode", false)]
    [InlineData("Mul", true)]
    [InlineData("Mul", false)]
    [InlineData("Softmax", true)]
    [InlineData("Softmax", false)]
    public void Run_TwoPairsOfOneValue_GiveOnnxRuntimesIntegers(string type, bool areOne)
    {
        DynamicModel.SkipWiderBlocks();
        // Ahead of a clamp such a pool is refused.
        foreach (string clamp in (string[])(type == "ceil_mode" ? [""] : ["", "Relu"]))
            foreach (int zero in (int[])[0, 20])
            {
                var nodes = new GraphBuilder(13);
                string x = QuantizedIslandTests.Pair(
                    nodes, QuantizedMixTests.Sums(nodes, 3), 1 / 100f, 128);
                string y = type switch
                {
                    "Conv" => nodes.Node(type, [x, Weights(nodes, [3, 3, 1, 1])]),
                    "real bias" => nodes.Node(
                        "Conv",
                        [x, Weights(nodes, [3, 3, 1, 1]), nodes.Reals([.0131f, .2f, -.317f], 3)]),
                    "Mul" => nodes.Node(type, [x, x]),
                    "Softmax" => nodes.Node(type, [nodes.Node("Flatten", [x])], I("axis", 1)),
                    "ceil_mode" => nodes.Node(
                        "AveragePool", [x], Is("kernel_shape", 3, 3), Is("strides", 2, 2),
                        I("ceil_mode", 1), I("count_include_pad", 1)),
                    _ => nodes.Node(type, [x], Is("kernel_shape", 2, 2)),
                };
                if (clamp != "") y = nodes.Node(clamp, [y]);
                string[] shared = [nodes.Real(1 / 200f), nodes.Raw(DataType.Uint8, [zero])];
                string Pair()
                {
                    string[] how = areOne
                        ? shared
                        : [nodes.Real(1 / 200f), nodes.Raw(DataType.Uint8, [zero])];
                    return nodes.Node(
                        "DequantizeLinear", [nodes.Node("QuantizeLinear", [y, .. how]), .. how]);
                }

                string both = nodes.Node(
                    "Concat",
                    [
                        nodes.Node("Flatten", [Pair()]),
                        nodes.Node("Flatten", [nodes.Node("Sigmoid", [Pair()])]),
                    ],
                    I("axis", 1));
                QuantizedMixTests.Same(QuantizedMixTests.Ended(nodes, both, [3, 6, 7]), [3, 6, 7]);
            }
    }

    /// <summary>A factor of integers' sums goes into their scale.</summary>
    [SkippableTheory]
    [InlineData(0.5f, 0)]
    [InlineData(0.5f, 1)]
    [InlineData(4, 1)]
    public void Run_GemmOfIntegersTimesAPowerOfTwo_GivesOnnxRuntimesIntegers(
        float alpha, int turned)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (bool isQuantized in (bool[])[true, false])
        {
            var nodes = new GraphBuilder(13);
            string y = Gemm(nodes, alpha, turned);
            if (isQuantized) y = QuantizedIslandTests.Pair(nodes, y, 1 / 40f, 100);
            QuantizedMixTests.Same(QuantizedMixTests.Ended(nodes, y, [9]), [9]);
        }
    }

    [Theory]
    [InlineData(0.3f, false, "alpha 0.3 of integers (supported: 1, without a bias powers of two)")]
    [InlineData(-2, false, "alpha -2 of integers (supported")]
    [InlineData(2, true, "alpha 2 of integers with a bias (supported")]
    public void Import_GemmOfIntegersTimesAnother_IsRefused(float alpha, bool hasBias, string why)
    {
        var nodes = new GraphBuilder(13);
        string y = QuantizedIslandTests.Pair(nodes, Gemm(nodes, alpha, 1, hasBias), 1 / 40f, 100);

        var e = Assert.Throws<InputException>(() => OnnxImporter.Import(
            QuantizedMixTests.Ended(nodes, y, [9]), "f.onnx", new(9)));

        Assert.Contains(why, e.Message);
    }

    /// <summary>Rows whose sums of more than a panel begin with the addend.</summary>
    [SkippableFact]
    public void Write_LongRowsOfNumbersWithAnAddend_RunsTheSame()
    {
        DynamicModel.SkipWiderBlocks();
        var nodes = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0);
        float[] weights = [.. Enumerable.Range(0, 1200).Select(i => ((i * 37 % 127) - 63) / 70f)];
        string y = nodes.Node("MatMul", [nodes.Node("Sigmoid", [x]), nodes.Reals(weights, 300, 4)]);
        y = nodes.Node("Tanh", [nodes.Node("Add", [y, nodes.Reals([.1f, .2f, -.3f, .7f], 4)])]);
        QuantizedMixTests.Same(
            nodes.Build(DataType.Float, [1, 5, 300], nodes.Node("Flatten", [y])), [5, 300]);
    }

    /// <summary>
    /// AveragePool that sums down columns, as before opset 19, beside what came later.
    /// </summary>
    [SkippableTheory]
    [InlineData("pair")]
    [InlineData("HardSwish")]
    public void Write_MeanDownColumnsBesideNewerLayers_RunsTheSame(string other)
    {
        DynamicModel.SkipWiderBlocks();
        var nodes = new GraphBuilder(15);
        string Pair(string value, float scale, DataType type, int zero)
        {
            string[] how = [nodes.Real(scale), nodes.Raw(type, [zero])];
            return nodes.Node(
                "com.microsoft:DequantizeLinear",
                [nodes.Node("com.microsoft:QuantizeLinear", [value, .. how]), .. how]);
        }

        string x = Pair(QuantizedMixTests.Sums(nodes, 3), 1 / 100f, DataType.Uint8, 128);
        x = nodes.Node(
            "AveragePool", [nodes.Node("Tanh", [x])], Is("kernel_shape", 3, 2),
            Is("strides", 1, 1));
        x = other == "pair"
            ? Pair(x, 1 / 33_000f, DataType.Uint16, 32_000)
            : nodes.Node(other, [Pair(x, 1 / 100f, DataType.Uint8, 100)]);
        x = Pair(x, 1 / 130f, DataType.Uint8, 128);
        QuantizedMixTests.Same(QuantizedMixTests.Ended(nodes, x, [3, 6, 7]), [3, 6, 7]);
    }

    [Fact]
    public void Import_NodeThatReadsNothing_IsRefusedAlsoWhereNothingNeedsIt()
    {
        var nodes = new GraphBuilder(13);
        QuantizedIslandTests.Pair(nodes, nodes.Node("Identity", []), 1 / 40f, 100);
        string y = QuantizedIslandTests.Pair(nodes, Gemm(nodes, 1, 1), 1 / 40f, 100);

        var e = Assert.Throws<InputException>(() => OnnxImporter.Import(
            QuantizedMixTests.Ended(nodes, y, [9]), "f.onnx", new(9)));

        Assert.Contains("(Identity): input 0 is not there", e.Message);
    }

    private static string Gemm(
        GraphBuilder nodes, float alpha, int turned, bool hasBias = false) => nodes.Node(
        "Gemm",
        [
            QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0),
            Weights(nodes, turned == 1 ? [4, 9] : [9, 4]),
            .. hasBias
                ?
                [
                    nodes.Node(
                        "DequantizeLinear",
                        [
                            nodes.Raw(DataType.Int32, [500, -70, 9, 2000], 4),
                            nodes.Real(1 / 255f * (1 / 64f)),
                        ]),
                ]
                : Array.Empty<string>(),
        ],
        F("alpha", alpha), I("transB", turned));

    private static string Weights(GraphBuilder nodes, long[] shape) => nodes.Node(
        "DequantizeLinear",
        [
            nodes.Raw(
                DataType.Int8,
                [
                    .. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b))
                        .Select(i => (i * 37 % 127) - 63),
                ],
                shape),
            nodes.Real(1 / 64f), nodes.Raw(DataType.Int8, [0]),
        ]);
}
