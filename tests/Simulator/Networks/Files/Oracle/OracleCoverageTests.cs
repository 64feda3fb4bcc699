using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>No operator is read that nothing compares with ONNX Runtime.</summary>
public class OracleCoverageTests
{
    /// <summary>Operators that tests of their own compare, and who does.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["ConvInteger"] = nameof(QLinearOperatorTests.Run_IntegerSums_AreOnnxRuntimes),
        ["MatMulInteger"] = nameof(QLinearOperatorTests.Run_IntegerSums_AreOnnxRuntimes),
        ["LogSoftmax"] = nameof(Import_LogSoftmaxAtTheEnd_LeavesLogitsThatDifferByAConstant),
        ["DynamicQuantizeLinear"] =
            nameof(DynamicRandomTests.Run_RandomGraphs_GiveOnnxRuntimesLogits),
        ["com.microsoft.Gelu"] =
            nameof(DynamicFunctionTests.Run_Functions_GiveOnnxRuntimesNumbers),
        ["com.microsoft.FastGelu"] =
            nameof(DynamicFunctionTests.Run_Functions_GiveOnnxRuntimesNumbers),
        ["com.microsoft.QuickGelu"] =
            nameof(DynamicFunctionTests.Run_Functions_GiveOnnxRuntimesNumbers),
        ["com.microsoft.SkipLayerNormalization"] =
            nameof(QuantizedNormTests.Run_BetweenQuantizers_GivesOnnxRuntimesNumbers),
        ["com.microsoft.QuantizeLinear"] =
            nameof(QLinearOperatorTests.Import_WideAndNarrowTypes_KeepTheirBits),
        ["com.microsoft.DequantizeLinear"] =
            nameof(QLinearOperatorTests.Import_WideAndNarrowTypes_KeepTheirBits),
    };

    [Fact]
    public void ComparedGraphs_UseEveryOperator()
    {
        IEnumerable<byte[]> models =
        [
            .. Enumerable.Range(0, 3000).Select(s => new RandomGraph(s).Bytes),
            .. Enumerable.Range(1, 40).Select(s => new QuantizedModel(s, s % 2 == 0).Chain()),
            new QuantizedModel(3, true).ResNet20(null),
        ];
        HashSet<string> used =
            [.. models.SelectMany(m => OnnxReader.Read(m).Nodes).Select(n => n.Operator)];

        // QONNX's are QonnxTests' and ChannelsLastTests', which have their own oracle.
        Assert.Equal(
            OnnxRules.All.Keys.Where(k => !k.StartsWith("qonnx.", StringComparison.Ordinal))
                .Except(QonnxRules.All.Select(r => r.Key)).Except(Elsewhere.Keys).Order(),
            used.Intersect(OnnxRules.All.Keys).Except(Elsewhere.Keys).Order());
    }

    [Fact]
    public void Import_LogSoftmaxAtTheEnd_LeavesLogitsThatDifferByAConstant()
    {
        foreach (int opset in (int[])[7, 12, 13, 21])
        {
            var graph = new GraphBuilder(opset);
            var random = new Random(opset);
            float[] weights = [.. Enumerable.Range(0, 30).Select(_ => random.NextSingle() - 0.5f)];
            string sums = graph.Node("MatMul", ["x", graph.Reals(weights, 6, 5)]);
            byte[] model = graph.Build(
                DataType.Float, [-1, 6], graph.Node("LogSoftmax", [sums], I("axis", 1)));
            float[] image = [.. Enumerable.Range(0, 6).Select(_ => random.NextSingle())];
            using var ort = new OrtModel(model);
            float[] wanted = ort.Run(image, 1, 6);

            float[] found = FloatForward.Run(
                OnnxImporter.Import(model, "f.onnx", new(6)), image)[^1];

            Assert.Equal(5, wanted.Distinct().Count());
            Assert.All(
                found.Zip(wanted),
                p => Assert.Equal(p.Second - wanted[0], p.First - found[0], 1e-5f));
        }
    }
}
