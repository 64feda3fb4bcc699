using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
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

    [Theory]
    [InlineData("DynamicQuantizeLinear", "its scale depends on each image")]
    [InlineData("MatMulInteger", "its sums have no scale")]
    [InlineData("ConvInteger", "its sums have no scale")]
    public void Import_DynamicQuantization_SaysWhyNot(string type, string why)
    {
        var graph = new GraphBuilder(13);
        string raw = graph.Node(
            "QuantizeLinear", ["x", graph.Reals([0.1f]), graph.Raw(DataType.Uint8, [0])]);
        string[] inputs = type.StartsWith("Dynamic", StringComparison.Ordinal)
            ? ["x"]
            : [raw, graph.Raw(DataType.Int8, [1, 2, 3, 4], 2, 2)];
        byte[] model = graph.Build(DataType.Float, [-1, 2], graph.Node(type, inputs));

        var e = Assert.Throws<InputException>(
            () => OnnxImporter.Import(model, "f.onnx", new(2)));

        Assert.Contains($"({type}): {why}", e.Message);
        Assert.Contains("supported: networks that were quantized statically", e.Message);
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
