using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Functions of many float32 numbers, bit by bit against ONNX Runtime's: the last bit of a high
/// power's coefficient shows in one of a million results or less.
/// </summary>
public class FloatNumbersTests
{
    private const int Count = 6_000_000, Every = 50;

    // Below it numbers have fewer bits in float32, and as many in kernels.
    private const float Least = 1e-36f;

    [Theory]
    [InlineData("Sigmoid", 13)]
    [InlineData("Tanh", 13)]
    [InlineData("Erf", 13)]
    [InlineData("Elu", 13)]
    [InlineData("Gelu", 20)]
    [InlineData("GeluTanh", 20)]
    [InlineData("SquareRoot", 13)]
    public void Value_ManyNumbers_IsOnnxRuntimes(string name, int opset)
    {
        const float Alpha = 0.7f;
        var graph = new GraphBuilder(opset);
        string y = name switch
        {
            "Elu" => graph.Node("Elu", ["x"], F("alpha", Alpha)),
            "SquareRoot" => graph.Node("Sqrt", ["x"]),
            "GeluTanh" => graph.Node("Gelu", ["x"], S("approximate", "tanh")),
            _ => graph.Node(name, ["x"]),
        };
        var random = new Random(name.Length);
        float[] numbers =
        [
            .. Enumerable.Range(0, Count).Select(
                i => (random.NextSingle() - 0.5f) * (i % 4) switch { 0 => 40, 1 => 1, _ => 6 }),
        ];
        if (name == "SquareRoot") numbers = Array.ConvertAll(numbers, MathF.Abs);
        using var ort = new OrtModel(graph.Build(DataType.Float, [-1, Count], y));
        float[] wanted = ort.Run(numbers, 1, Count);
        FloatFunction function = Enum.Parse<FloatFunction>(name);
        int a = OrderedFloat.Of(Alpha), differ = 0, unlike = 0;
        for (int i = 0; i < Count; i++)
        {
            if (MathF.Abs(wanted[i]) < Least) continue;
            float fast = FloatFunctions.Fast(function, Alpha, 0, numbers[i]);
            if (!float.IsNaN(fast) && fast != wanted[i]) unlike++;
            if (i % Every > 0 && !float.IsNaN(fast)) continue;

            // What kernels compute takes a hundred times as long.
            long value = FloatFunctions.Value(function, a, 0, OrderedFloat.Of(numbers[i]));
            if (value != OrderedFloat.Of(wanted[i])) differ++;
        }

        Assert.Equal((0, 0), (differ, unlike));
    }

    /// <summary>Rows from flat to steep, whose least shares are no float32 with all its bits.
    /// </summary>
    [SkippableFact]
    public void Softmax_ManyRows_IsOnnxRuntimes()
    {
        DynamicModel.SkipWiderBlocks();
        const int Rows = 2000, Length = 499;
        var graph = new GraphBuilder(13);
        string y = graph.Node("Softmax", ["x"], I("axis", 1));
        var random = new Random(7);
        float[] numbers =
        [
            .. Enumerable.Range(0, Rows * Length).Select(
                i => (random.NextSingle() - 0.5f) * (1 + (i / Length % 400))),
        ];
        using var ort = new OrtModel(graph.Build(DataType.Float, [-1, Length], y));
        float[] wanted = ort.Run(numbers, Rows, Length);
        int differ = 0, small = 0;
        for (int row = 0; row < Rows; row++)
        {
            long[] raw = Array.ConvertAll(
                numbers[(row * Length)..((row + 1) * Length)], x => (long)OrderedFloat.Of(x));
            var softmax = FloatSoftmax.Of(new Row(raw), Length);
            for (int i = 0; i < Length; i++)
            {
                float share = OrderedFloat.Value(softmax.Share(raw[i])),
                    expected = wanted[(row * Length) + i];
                if (expected >= Least && share != expected) differ++;
                if (expected >= Least) continue;
                small++;
                Assert.InRange(share, 0, Least);
            }
        }

        Assert.Equal(0, differ);
        Assert.InRange(small, 1000, Rows * Length / 2);
    }

    private readonly struct Row(long[] numbers) : IFloatPlane
    {
        public long At(int place) => numbers[place];
    }
}
