using Microsoft.ML.OnnxRuntime;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>What ONNX forbids is refused in one line.</summary>
public class ForbiddenFormTests
{
    [Theory]
    [InlineData("Conv", "its biases are (1, 4) (supported: one dimension)")]
    [InlineData("ConvTranspose", "its biases are (1, 4) (supported: one dimension)")]
    [InlineData("Cast", "its to 4294967298 is not a type of elements")]
    [InlineData("Cast of integers", "its to 4294967298 is not a type of elements")]
    public void Import_AFormThatOnnxForbids_IsRefused(string type, string why)
    {
        const long NoUint8 = (1L << 32) + (long)DataType.Uint8;
        var graph = new GraphBuilder(13);
        string[] by = [graph.Real(0.01f), graph.Raw(DataType.Uint8, [0])];
        string y = type switch
        {
            "Cast" => graph.Node(type, ["x"], I("to", NoUint8)),
            "Cast of integers" => graph.Node(
                "DequantizeLinear",
                [
                    graph.Node(
                        "Cast", [graph.Node("QuantizeLinear", ["x", .. by])], I("to", NoUint8)),
                    .. by,
                ]),
            _ => graph.Node(
                type,
                ["x", graph.Reals(new float[16], 4, 4, 1, 1), graph.Reals(new float[4], 1, 4)]),
        };
        byte[] file = graph.Build(DataType.Float, [-1, 4, 3, 3], graph.Node("Flatten", [y]));

        var e = Assert.Throws<InputException>(
            () => OnnxImporter.Import(file, "f.onnx", new(4, 3, 3)));

        Assert.EndsWith(why, Assert.Single(e.Errors).ToString());
        // Of this number ONNX Runtime reads the lower half.
        if (type == "Cast of integers") return;
        Assert.Throws<OnnxRuntimeException>(() =>
        {
            using var ort = new OrtModel(file);
            ort.Run(new float[36], 1, 4, 3, 3);
        });
    }

    /// <summary>Between quantizers, too, a layer in float32 says that it is one.</summary>
    [Theory]
    [InlineData("Conv", "Add")]
    [InlineData("Gemm", "Sum")]
    public void Quantize_FloatWeightsThatTakeAnotherValueIn_AreRefusedByTheirOrder(
        string type, string with)
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(graph, "x", 0.01f, 0);
        bool isGemm = type == "Gemm";
        if (isGemm) x = QuantizedIslandTests.Pair(graph, graph.Node("Flatten", [x]), 0.01f, 0);
        string weights = isGemm
            ? graph.Reals(new float[400 * 400], 400, 400)
            : graph.Reals(new float[16], 4, 4, 1, 1);
        string y = graph.Node(with, [graph.Node(type, [x, weights]), x]);
        byte[] file = graph.Build(
            DataType.Float, [-1, 4, 10, 10], QuantizedIslandTests.Pair(graph, y, 0.02f, 100));
        var network = OnnxImporter.Import(file, "f.onnx", new(4, 10, 10));

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains("in which order ONNX Runtime sums here is not known", e.Message);
        Assert.DoesNotContain("changed since", e.Message);
    }
}
