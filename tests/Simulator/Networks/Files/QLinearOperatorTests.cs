using QSim.Kernels.Backends;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Networks.Files.Oracle;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Operators of com.microsoft: what is read of them, and what is refused.</summary>
public class QLinearOperatorTests
{
    [Fact]
    public void Import_WideAndNarrowTypes_KeepTheirBits()
    {
        var graph = new GraphBuilder(13);
        string[] x = [graph.Reals([0.001f]), graph.Raw(DataType.Uint16, [300])];
        string raw = graph.Node("com.microsoft:QuantizeLinear", ["x", .. x]);
        string real = graph.Node("com.microsoft:DequantizeLinear", [raw, .. x]);
        string weights = graph.Node(
            "com.microsoft:DequantizeLinear",
            [graph.Raw(DataType.Int4, [0x97, 0x2f], 2, 2), graph.Reals([0.5f])]);
        byte[] model = graph.Build(
            DataType.Float, [-1, 2], graph.Node("MatMul", [real, weights]));

        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", new(2));

        var quantizer = Assert.IsType<FakeQuantizeLayer>(network.Layers[0]).Quantizer;
        Assert.Equal((16, false, 300), (
            quantizer.Target.Bits, quantizer.Target.IsSigned, quantizer.Scale.ZeroPoint));
        OwnWeights own = Assert.IsType<DenseLayer>(network.Layers[1]).Own!;
        Assert.Equal(4, own.Bits);
        Assert.Equal(new[] { 7, -1, -7, 2 }, own.Raw);
    }

    /// <summary>Sums of integers, with a scale that a product with a constant gives them.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Run_IntegerSums_AreOnnxRuntimes(bool isConv, bool isPerChannel)
    {
        var graph = new GraphBuilder(13);
        var random = new Random(4);
        string x = graph.Node(
            "QuantizeLinear", ["x", graph.Reals([1 / 255f]), graph.Raw(DataType.Uint8, [3])]);
        if (!isConv) x = graph.Node("Flatten", [x]);
        int depth = isConv ? 27 : 75;
        int zero = isConv ? 0 : 7;
        int[] raw = [.. Enumerable.Range(0, 5 * depth).Select(_ => zero + random.Next(-60, 60))];
        long[] shape = isConv ? [5, 3, 3, 3] : [75, 5];
        string sums = graph.Node(
            isConv ? "ConvInteger" : "MatMulInteger",
            [
                x, graph.Raw(DataType.Int8, raw, shape), graph.Raw(DataType.Uint8, [3]),
                graph.Raw(DataType.Int8, [zero]),
            ]);
        float[] scales = [.. Enumerable.Range(0, isPerChannel ? 5 : 1)
            .Select(_ => 0.002f + (0.003f * random.NextSingle()))];
        string y = graph.Node(
            "Mul",
            [
                graph.Node("Cast", [sums], I("to", 1)),
                graph.Reals(scales, isConv ? [scales.Length, 1, 1] : [scales.Length]),
            ]);
        y = graph.Node(
            "DequantizeLinear",
            [
                graph.Node("QuantizeLinear", [y, graph.Real(0.75f), graph.Raw(
                    DataType.Uint8, [117])]),
                graph.Real(0.75f), graph.Raw(DataType.Uint8, [117]),
            ]);
        byte[] model = graph.Build(DataType.Float, [-1, 3, 5, 5], y);
        float[] images = [.. Enumerable.Range(0, 40 * 75).Select(_ => random.Next(256) / 255f)];
        float[] wanted;
        using (var ort = new OrtModel(model)) wanted = ort.Run(images, 40, 3, 5, 5);
        FloatNetwork network = BatchNormFolding.ForHardware(
            OnnxImporter.Import(model, "f.onnx", new(3, 5, 5)));
        using var hardware = new Simulation(
            Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read("onnxruntime-qlinear")),
                new float[75]),
            BackendList.Find("simd")!);

        Assert.True(wanted.Distinct().Count() > 50, "outputs say little");
        Assert.Equal(
            wanted,
            hardware.Run(images, RunOptions.Default).Outputs.Select(r => (r - 117) * 0.75f));
    }

    [Theory]
    [InlineData("com.microsoft:QGemm", "alpha", 0.5f, "alpha 0.5 is not supported")]
    [InlineData("com.microsoft:QGemm", "beta", 1f, "has an attribute 'beta'")]
    [InlineData("com.microsoft:QLinearSigmoid", "alpha", 1f, "has an attribute 'alpha'")]
    public void Import_AttributeThatIsNotHonoured_IsRefused(
        string type, string name, float value, string why)
    {
        var graph = new GraphBuilder(13);
        string[] x = [graph.Reals([0.1f]), graph.Raw(DataType.Uint8, [0])];
        string raw = graph.Node("QuantizeLinear", ["x", .. x]);
        string[] weights = type.EndsWith("Gemm", StringComparison.Ordinal)
            ? [graph.Raw(DataType.Int8, [1, 2, 3, 4], 2, 2), x[0], graph.Raw(DataType.Int8, [0]),
                ""]
            : [];
        byte[] model = graph.Build(
            DataType.Float, [-1, 2],
            graph.Node(
                "DequantizeLinear",
                [graph.Node(type, [raw, .. x, .. weights, .. x], F(name, value)), .. x]));

        var e = Assert.Throws<InputException>(
            () => OnnxImporter.Import(model, "f.onnx", new(2)));

        Assert.Contains(why, e.Message);
    }

    /// <summary>Padding of raw values is by a raw value, which stands for 0.</summary>
    [Theory]
    [InlineData(7, null)]
    [InlineData(0, "pads with -0.7 (supported: zeros)")]
    public void Import_PadOfRawValues_PadsWithTheZeroPoint(int with, string? why)
    {
        var graph = new GraphBuilder(13);
        string[] x = [graph.Reals([0.1f]), graph.Raw(DataType.Uint8, [7])];
        string raw = graph.Node("QuantizeLinear", ["x", .. x]);
        string pad = graph.Node(
            "Pad",
            [raw, graph.Integers(0, 0, 1, 1, 0, 0, 1, 1), graph.Raw(DataType.Uint8, [with])]);
        byte[] model = graph.Build(
            DataType.Float, [-1, 1, 2, 2], graph.Node("DequantizeLinear", [pad, .. x]));

        Exception? e = Record.Exception(
            () => OnnxImporter.Import(model, "f.onnx", new(1, 2, 2)));

        if (why is null) Assert.Null(e);
        else Assert.Contains(why, Assert.IsType<InputException>(e).Message);
    }
}
