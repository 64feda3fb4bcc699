using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// What PyTorch's exporter leaves between QuantizeLinear and DequantizeLinear: integers of fewer
/// bits, and casts that change nothing.
/// </summary>
public class PairedIntegersTests
{
    [Theory]
    [InlineData(127, false)]
    [InlineData(127, true)]
    [InlineData(null, true)]
    [InlineData(31, true)]
    public void Run_LeNet_GivesOnnxRuntimesLogits(int? most, bool isCast)
    {
        var model = new QuantizedModel(23, false) { Most = (byte?)most, IsCast = isCast };

        QuantizedGraphTests.Equal(
            model.LeNet(false), new(1, 28, 28), 300, leastDistinct: most is 31 ? 20 : 51);
    }

    /// <summary>Each range is a format; the exporters' order of nodes does not matter.</summary>
    [Theory]
    [InlineData(false, null, 127, 0, 127)]
    [InlineData(false, 0, 255, 0, 255)]
    [InlineData(true, -127, 127, -127, 127)]
    [InlineData(true, -64, 63, -64, 63)]
    [InlineData(true, 0, null, 0, 127)]
    public void Import_ClippedIntegers_HaveTheRange(
        bool isSigned, int? low, int? high, int least, int most)
    {
        FloatNetwork network = OnnxImporter.Import(
            Clipped(isSigned ? DataType.Int8 : DataType.Uint8, low, high, "alone"), "f.onnx",
            new(6));

        FakeQuantizeLayer layer = network.Layers.OfType<FakeQuantizeLayer>().First();
        Assert.Equal(
            (least, most), (layer.Quantizer.Target.Min, layer.Quantizer.Target.Max));
    }

    [Theory]
    [InlineData(0, 100, "alone", "clips integers to 0..100 (supported: all that reads")]
    [InlineData(0, 127, "beside", "clips integers to 0..127 (supported: all that reads")]
    [InlineData(0, 127, "moved", "clips integers to 0..127 (supported: all that reads")]
    [InlineData(null, null, "cast", "computes with the integers of a QuantizeLinear")]
    public void Import_OtherIntegersBetweenAPair_AreRefused(
        int? low, int? high, string form, string expected)
    {
        var e = Assert.Throws<InputException>(() => OnnxImporter.Import(
            Clipped(DataType.Uint8, low, high, form), "f.onnx", new(6)));

        Assert.Contains(expected, Assert.Single(e.Errors).ToString());
    }

    private static byte[] Clipped(DataType type, int? low, int? high, string form)
    {
        var graph = new GraphBuilder(13);
        string[] by = [graph.Real(0.01f), graph.Raw(type, [0])];
        string Bound(int? value) => value is { } bound ? graph.Raw(type, [bound]) : "";
        string raw = graph.Node("QuantizeLinear", ["x", .. by]);
        string other = form == "beside" ? graph.Node("DequantizeLinear", [raw, .. by]) : "";
        if (form == "moved") raw = graph.Node("Reshape", [raw, graph.Integers(-1, 6)]);
        raw = form == "cast"
            ? graph.Node("Cast", [raw], I("to", (long)DataType.Int8))
            : graph.Node("Clip", [raw, Bound(low), Bound(high)]);
        string y = graph.Node("DequantizeLinear", [raw, .. by]);
        if (form == "beside") y = graph.Node("Add", [y, other]);
        string weight = graph.Node(
            "DequantizeLinear",
            [graph.Raw(DataType.Int8, [1, 2, 3, 4, 5, 6], 6, 1), graph.Real(0.5f)]);
        return graph.Build(DataType.Float, [-1, 6], graph.Node("MatMul", [y, weight]));
    }
}
