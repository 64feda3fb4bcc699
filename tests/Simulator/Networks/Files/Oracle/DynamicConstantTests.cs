using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Constants between dynamic layers: their float32 numbers themselves, which a quantizer behind
/// them would hide, and factors and addends that change nothing behind pools.
/// </summary>
public class DynamicConstantTests
{
    private const int Channels = 8;

    public static TheoryData<int> Steps() => [.. Enumerable.Range(16, 9)];

    /// <summary>Step 18 is an addend behind a bias: two sums, each rounded.</summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public void Run_AConstantBehindABias_GivesOnnxRuntimesNumbers(int step)
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            var model = new DynamicModel(seed, true, opset: 15);
            string x = model.Conv("x", 3, Channels, 3, pad: 1);
            x = new DynamicConstants(model.Graph, new Random(seed)).Add(x, step);
            Check(model, x, optimizes: seed % 2 == 0);
        }
    }

    /// <summary>
    /// What is left out or shortened where it is written must leave ONNX Runtime's blocks of
    /// channels, and the order of the mean behind them, as they were.
    /// </summary>
    [SkippableTheory]
    [InlineData("equal factors")]
    [InlineData("factors of one")]
    [InlineData("one factor")]
    [InlineData("equal addends")]
    [InlineData("zeros")]
    [InlineData("norm without addends")]
    [InlineData("norm of equal factors")]
    [InlineData("norm that changes nothing")]
    [InlineData("equal quotients")]
    public void Run_PlainConstantsBehindAPool_GiveOnnxRuntimesMeans(string form)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (int opset in new[] { 13, 15, 18, 19 })
            foreach (string mean in new[] { "", "GlobalAveragePool" })
            {
                var model = new DynamicModel(opset, true, opset: opset);
                string x = model.Graph.Node(
                    "MaxPool", [model.Conv("x", 3, Channels, 3, pad: 1)],
                    Is("kernel_shape", 2, 2));
                x = Plain(model.Graph, x, form);
                Check(model, mean == "" ? x : model.Graph.Node(mean, [x]), optimizes: true);
            }
    }

    private static string Plain(GraphBuilder graph, string x, string form)
    {
        string Each(float value) =>
            graph.Reals([.. Enumerable.Repeat(value, Channels)], Channels, 1, 1);
        string Flat(Func<int, float> value) =>
            graph.Reals([.. Enumerable.Range(0, Channels).Select(value)], Channels);
        string Norm(Func<int, float> scale) => graph.Node(
            "BatchNormalization",
            [x, Flat(scale), Flat(_ => 0), Flat(_ => 0), Flat(_ => 1)], F("epsilon", 0));
        return form switch
        {
            "equal factors" => graph.Node("Mul", [x, Each(0.7f)]),
            "factors of one" => graph.Node("Mul", [x, Each(1)]),
            "one factor" => graph.Node("Mul", [x, graph.Real(0.7f)]),
            "equal addends" => graph.Node("Add", [x, Each(0.7f)]),
            "zeros" => graph.Node("Add", [x, Each(0)]),
            "norm without addends" => Norm(c => 0.3f + (c / 7f)),
            "norm of equal factors" => Norm(_ => 0.7f),
            "norm that changes nothing" => Norm(_ => 1),
            _ => graph.Node("Div", [x, Each(0.7f)]),
        };
    }

    private static void Check(DynamicModel model, string x, bool optimizes)
    {
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, 3, 8, 8], model.Graph.Node("Flatten", [x]));
        DynamicGraphTests.Equal(file, new(3, 8, 8), 10, optimizes);
        DynamicGraphTests.WrittenIsTheSame(file, new(3, 8, 8), 5);
    }
}
