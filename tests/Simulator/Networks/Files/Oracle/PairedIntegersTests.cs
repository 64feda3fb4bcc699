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

    [Fact]
    public void Import_OtherIntegersBetweenAPair_AreRefused()
    {
        var e = Assert.Throws<InputException>(() => OnnxImporter.Import(
            Clipped(DataType.Uint8, null, null, "cast"), "f.onnx", new(6)));

        Assert.Contains(
            "computes with the integers of a QuantizeLinear", Assert.Single(e.Errors).ToString());
    }

    /// <summary>Of no number of bits, with a zero point that is cut off, or read as they were.
    /// </summary>
    [Theory]
    [InlineData(0, 100, 40, "alone")]
    [InlineData(0, 127, 200, "alone")]
    [InlineData(30, 255, 3, "alone")]
    [InlineData(90, 20, 50, "alone")]
    [InlineData(0, 127, 64, "beside")]
    [InlineData(0, 127, 64, "moved")]
    [InlineData(7, 90, 50, "twice")]
    [InlineData(7, 90, 50, "pool")]
    public void Run_IntegersThatAreCutOff_GiveOnnxRuntimesNumbers(
        int low, int high, int zero, string form)
    {
        foreach (int offset in (int[])[0, -128])
        {
            DataType type = offset == 0 ? DataType.Uint8 : DataType.Int8;
            var graph = new GraphBuilder(13);
            string sums = graph.Node("Tanh", [QuantizedIslandTests.Sums(graph)]);
            string[] by = [graph.Real(1 / 80f), graph.Raw(type, [zero + offset])];
            string[] bounds = [graph.Raw(type, [low + offset]), graph.Raw(type, [high + offset])];
            string raw = graph.Node("QuantizeLinear", [sums, .. by]);
            string other = form == "beside" ? graph.Node("DequantizeLinear", [raw, .. by]) : "";
            if (form == "moved") raw = graph.Node("Transpose", [raw], Is("perm", 0, 1, 3, 2));
            raw = graph.Node("Clip", [raw, .. bounds]);
            if (form == "twice") raw = graph.Node("Clip", [raw, bounds[0], by[1]]);
            if (form == "pool") raw = graph.Node("MaxPool", [raw], Is("kernel_shape", 2, 2));
            string y = graph.Node("DequantizeLinear", [raw, .. by]);
            if (form == "beside") y = graph.Node("Add", [y, other]);
            int[] weights = [.. Enumerable.Range(0, 64).Select(i => (i * 29 % 51) - 25)];
            y = graph.Node("Conv", [y, graph.Node(
                "DequantizeLinear",
                [
                    graph.Raw(DataType.Int8, weights, 4, 16, 1, 1), graph.Real(1 / 60f),
                    graph.Raw(DataType.Int8, [0]),
                ])]);

            // Backwards bounds leave one number.
            QuantizedIslandTests.Equal(
                graph, QuantizedIslandTests.Pair(graph, y, 1 / 31f, 120), 10, leastDistinct: 1);
        }
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
