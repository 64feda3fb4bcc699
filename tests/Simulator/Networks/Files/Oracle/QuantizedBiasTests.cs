using QSim.Kernels.Backends;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Biases of int32 whose scale is not that of the sums: up to a hundredth off ONNX Runtime takes
/// the integers, further off it computes a convolution in float32, and a Gemm with the integers.
/// </summary>
public class QuantizedBiasTests
{
    private const float Weights = 1 / 4f;

    [Theory]
    [InlineData("Conv", 1)]
    [InlineData("Conv", 1.0099f)]
    [InlineData("Conv", 1.02f)]
    [InlineData("Conv", 0.98f)]
    [InlineData("Conv", 2.5f)]
    [InlineData("Gemm", 1)]
    [InlineData("Gemm", 2.5f)]
    public void Run_BiasOfAnotherScale_GivesOnnxRuntimesIntegers(string type, float factor) =>
        DynamicGraphTests.Equal(Model(type, factor), new(16, 8, 8), 20, optimizes: true);

    /// <summary>Other profiles have its real values, too.</summary>
    [Theory]
    [InlineData("Conv", "int8-wide")]
    [InlineData("Gemm", "int8-wide")]
    [InlineData("Conv", "qnnpack")]
    public void Run_BiasOfAnotherScaleOnOtherHardware_IsNear(string type, string profile)
    {
        byte[] model = Model(type, 2.5f);
        float[] images = QuantizedGraphTests.Pixels(new(16, 8, 8), 10), wanted;
        using (var ort = new OrtModel(model, optimizes: false))
            wanted = ort.Run(images, 10, 16, 8, 8);

        using var simulation = new Simulation(
            QuantizedGraphTests.Program(
                OnnxImporter.Import(model, "f.onnx", new(16, 8, 8)), profile),
            BackendList.Find("simd")!);
        var output = simulation.Program.Output;
        long[] raw = simulation.Run(images, RunOptions.Default).Outputs;

        Assert.True(wanted.Distinct().Count() > 20, "logits say little");
        Assert.All(raw.Zip(wanted), p => Assert.Equal(
            p.Second / output.Scale, p.First - output.ZeroPoint, 1.001));
    }

    private static byte[] Model(string type, float factor)
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(graph, "x", 1 / 255f, 0);
        bool isGemm = type == "Gemm";
        if (isGemm)
            x = QuantizedIslandTests.Pair(graph, graph.Node("Flatten", [x]), 1 / 255f, 0);
        int depth = isGemm ? 16 * 64 : 16;
        int[] raw = [.. Enumerable.Range(0, 4 * depth).Select(i => (i * 29 % 51) - 25)];
        long[] shape = isGemm ? [4, depth] : [4, depth, 1, 1];
        string zero = graph.Raw(DataType.Int8, [0]);
        string weights = graph.Node(
            "DequantizeLinear", [graph.Raw(DataType.Int8, raw, shape), graph.Real(Weights), zero]);
        string bias = graph.Node(
            "DequantizeLinear",
            [
                graph.Raw(DataType.Int32, [3000, -9000, 900, 70], 4),
                graph.Real(Weights * (1 / 255f) * factor), graph.Raw(DataType.Int32, [0]),
            ]);
        string y = graph.Node(type, [x, weights, bias], isGemm ? [I("transB", 1)] : []);
        y = QuantizedIslandTests.Pair(graph, y, isGemm ? 0.9f : 0.17f, 128);
        return graph.Build(DataType.Float, [-1, 16, 8, 8], graph.Node("Flatten", [y]));
    }
}
