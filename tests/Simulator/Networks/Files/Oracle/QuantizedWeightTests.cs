using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Weights that a file has as real numbers between a pair, as ONNX Runtime's quantizer writes them
/// with AddQDQPairToWeight: the integers are those that ONNX Runtime makes of them.
/// </summary>
public class QuantizedWeightTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Run_RealWeightsBetweenAPair_GiveOnnxRuntimesLogits(
        bool isUnsigned, bool isAsymmetric)
    {
        var model = new QuantizedModel(
            17, false, isUnsigned ? DataType.Uint8 : DataType.Int8, isUnsigned ? 127 : 63)
        {
            PairsWeights = true,
        };

        QuantizedGraphTests.Equal(model.LeNet(isAsymmetric), new(1, 28, 28), 300);
    }

    /// <summary>ONNX Runtime's optimizations round them, ahead of the sums.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_BiasesInFloat32_GiveOnnxRuntimesLogits(bool isAsymmetric) =>
        QuantizedGraphTests.Equal(
            new QuantizedModel(19, false) { HasFloatBias = true }.LeNet(isAsymmetric),
            new(1, 28, 28), 300);

    /// <summary>Where something else reads the sums, they are numbers, and so are biases.</summary>
    [Theory]
    [InlineData("Relu", true)]
    [InlineData("LeakyRelu", false)]
    [InlineData("two", false)]
    [InlineData("alike", true)]
    [InlineData("restated", false)]
    [InlineData("other", false)]
    public void Import_BiasesInFloat32_AreRoundedWhereTheSumsAre(string type, bool isRounded)
    {
        DenseLayer dense = OnnxImporter.Import(WithBias(0.3f, type), "f.onnx", new(6))
            .Layers.OfType<DenseLayer>().Single();

        Assert.Equal([isRounded ? 0.25f : 0.3f], dense.Parameters[1]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Import_BiasThatIsNoNumber_IsRefused(float bias)
    {
        string path = Path.Combine(Path.GetTempPath(), $"qsim-{Guid.NewGuid()}.onnx");
        File.WriteAllBytes(path, WithBias(bias, "Relu"));

        var e = Assert.Throws<InputException>(() => NetworkFile.Load(path));

        File.Delete(path);
        Assert.Contains("has a weight that is not a finite number", e.Message);
    }

    /// <summary>Ties go to even, and what is beyond the type becomes its end.</summary>
    [Fact]
    public void Import_RealWeightsBetweenAPair_AreTheNearestRawValues()
    {
        var graph = new GraphBuilder(13);
        float[] weights = [0.25f, 0.75f, -0.25f, 1.25f, 100, -100];
        string[] scale = [graph.Reals([0.5f]), graph.Raw(DataType.Int8, [0])];
        string raw = graph.Node("QuantizeLinear", [graph.Reals(weights, 6, 1), .. scale]);
        string y = graph.Node("MatMul", ["x", graph.Node("DequantizeLinear", [raw, .. scale])]);

        FloatLayer dense = OnnxImporter.Import(
            graph.Build(DataType.Float, [-1, 6], y), "f.onnx", new(6)).Layers[^1];

        Assert.Equal([0, 1, 0, 1, 63.5f, -64], dense.Parameters[0]);
    }

    [Fact]
    public void Import_ScalesThatDoNotFit_AreRefused()
    {
        var graph = new GraphBuilder(13);
        string raw = graph.Node(
            "QuantizeLinear",
            [
                graph.Reals(new float[6], 6, 1), graph.Reals([1, 1], 2),
                graph.Raw(DataType.Int8, [0, 0], 2),
            ], I("axis", 0));
        string y = graph.Node("MatMul", ["x", graph.Node("DequantizeLinear", [raw])]);

        var e = Assert.Throws<InputException>(() => OnnxImporter.Import(
            graph.Build(DataType.Float, [-1, 6], y), "f.onnx", new(6)));

        Assert.Contains("2 scales and 2 zero points for a constant of (6, 1)", e.Message);
    }

    /// <summary>A layer with a bias in float32, whose sums go where the form says.</summary>
    private static byte[] WithBias(float bias, string form)
    {
        var graph = new GraphBuilder(13);
        string[] by = [graph.Real(0.5f), graph.Raw(DataType.Int8, [0])];
        string x = graph.Node(
            "DequantizeLinear", [graph.Node("QuantizeLinear", ["x", .. by]), .. by]);
        string weight = graph.Node(
            "DequantizeLinear", [graph.Raw(DataType.Int8, [1, 2, 3, 4, 5, 6], 1, 6), .. by]);
        string sums = graph.Node(
            "Gemm", [x, weight, graph.Reals([bias], 1)], I("transB", 1));
        string Pair(string value, float scale, string[]? own = null)
        {
            own ??= [graph.Real(scale), graph.Raw(DataType.Int8, [0])];
            return graph.Node(
                "DequantizeLinear", [graph.Node("QuantizeLinear", [value, .. own]), .. own]);
        }

        string y = form switch
        {
            "two" => Pair(graph.Node("Add", [sums, graph.Node("Relu", [sums])]), 0.5f),
            "alike" => graph.Node("Add", [Pair(sums, 0.5f, by), Pair(sums, 0.5f, by)]),
            "restated" => graph.Node("Add", [Pair(sums, 0.5f), Pair(sums, 0.5f)]),
            "other" => graph.Node("Add", [Pair(sums, 0.5f), Pair(sums, 0.25f)]),
            _ => Pair(graph.Node(form, [sums]), 0.5f),
        };

        return graph.Build(DataType.Float, [-1, 6], Pair(y, 0.5f));
    }
}
