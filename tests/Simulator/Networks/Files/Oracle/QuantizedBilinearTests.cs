using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Images made larger in quantized graphs: in float32 with ONNX Runtime's bits on its own
/// arithmetic, exact sums of integers on any other.
/// </summary>
public class QuantizedBilinearTests
{
    /// <summary>Mode, by how many rows and columns, rows and columns, channels.</summary>
    public static TheoryData<string, int, int, int, int, int> Sizes => new()
    {
        { "half_pixel", 2, 2, 5, 4, 3 }, { "half_pixel", 3, 4, 3, 6, 8 },
        { "half_pixel", 1, 5, 4, 3, 16 }, { "half_pixel", 7, 1, 2, 5, 5 },
        { "half_pixel", 2, 2, 1, 1, 24 }, { "pytorch_half_pixel", 2, 3, 4, 4, 8 },
        { "pytorch_half_pixel", 6, 2, 3, 3, 2 }, { "asymmetric", 2, 2, 4, 5, 16 },
        { "asymmetric", 3, 5, 3, 4, 4 }, { "asymmetric", 4, 1, 1, 6, 8 },
    };

    /// <summary>Between equal scales, and others, of both signs.</summary>
    [Theory]
    [MemberData(nameof(Sizes))]
    public void Run_BetweenPairs_GivesOnnxRuntimesIntegers(
        string how, int byRows, int byColumns, int rows, int columns, int channels)
    {
        foreach ((float scale, int zero) in ((float, int)[])[(1 / 255f, 0), (1 / 200f, 77)])
        {
            var model = new FloatMacModel(channels, Weighting.Made);
            string x = QuantizedIslandTests.Pair(model.Graph, "x", 1 / 255f, 0);
            string y = Larger(model.Graph, x, how, byRows, byColumns);
            y = QuantizedIslandTests.Pair(model.Graph, y, scale, zero);
            byte[] file = model.Graph.Build(
                DataType.Float, [-1, channels, rows, columns], model.Graph.Node("Flatten", [y]));
            DynamicGraphTests.Equal(file, new(channels, rows, columns), 8, optimizes: true);
            DynamicGraphTests.WrittenIsTheSame(file, new(channels, rows, columns), 4);
        }
    }

    /// <summary>
    /// Numbers, as they lie and in blocks of channels, which a convolution makes and a global pool
    /// behind them takes.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Sizes))]
    public void Run_OfNumbers_GivesOnnxRuntimesNumbers(
        string how, int byRows, int byColumns, int rows, int columns, int channels)
    {
        foreach (Weighting weights in Enum.GetValues<Weighting>())
            foreach (bool isNearest in (bool[])[false, true])
            {
                if (weights == Weighting.Constant) DynamicModel.SkipWiderBlocks();
                var model = new FloatMacModel(channels, weights);
                GraphBuilder graph = model.Graph;
                string y = model.Convolution(
                    model.Numbers(3), [channels, 3, 3, 3], Is("pads", 1, 1, 1, 1));
                y = isNearest ? Nearest(graph, graph.Node("Relu", [y])) : graph.Node("Relu", [y]);
                y = Larger(graph, y, how, byRows, byColumns);
                string all = graph.Node(
                    "Concat",
                    [
                        graph.Node("Flatten", [y]),
                        graph.Node("Flatten", [graph.Node("GlobalAveragePool", [y])]),
                        graph.Node(
                            "Flatten",
                            [
                                QuantizedIslandTests.Pair(
                                    graph, graph.Node("Tanh", [y]), 0.05f, 100),
                            ]),
                    ],
                    I("axis", 1));
                byte[] file = graph.Build(DataType.Float, [-1, 3, rows, columns], all);
                DynamicGraphTests.Equal(file, new(3, rows, columns), 4, optimizes: true);
                if (!isNearest)
                    DynamicGraphTests.WrittenIsTheSame(file, new(3, rows, columns), 2);
            }
    }

    /// <summary>To sizes that are given, of an open batch and of one, of a newer opset.</summary>
    [SkippableTheory]
    [InlineData(13, -1)]
    [InlineData(13, 1)]
    [InlineData(19, 1)]
    public void Run_ToSizes_GivesOnnxRuntimesNumbers(int opset, int batch)
    {
        DynamicModel.SkipWiderBlocks();
        var graph = new GraphBuilder(opset);
        var random = new Random(opset);
        string x = QuantizedIslandTests.Pair(graph, "x", 1 / 255f, 0);
        string y = graph.Node(
            "Conv",
            [
                graph.Node("Tanh", [x]),
                graph.Reals(
                    [.. Enumerable.Range(0, 16 * 27).Select(_ => random.NextSingle() - 0.5f)],
                    16, 3, 3, 3),
            ],
            Is("pads", 1, 1, 1, 1));
        y = graph.Node(
            "Resize", [y, "", "", graph.Integers(1, 16, 12, 20)], S("mode", "linear"),
            S("coordinate_transformation_mode", "half_pixel"));
        byte[] file = graph.Build(
            DataType.Float, [batch, 3, 4, 4], graph.Node("Flatten", [y]));
        DynamicGraphTests.Equal(file, new(3, 4, 4), 4, optimizes: true);
    }

    /// <summary>Integers themselves, whose channels lie innermost behind a convolution.</summary>
    [Theory]
    [InlineData(false, "half_pixel", 2, 2, false)]
    [InlineData(false, "half_pixel", 3, 1, true)]
    [InlineData(false, "asymmetric", 5, 3, true)]
    [InlineData(true, "half_pixel", 2, 4, true)]
    [InlineData(true, "pytorch_half_pixel", 3, 6, false)]
    [InlineData(true, "asymmetric", 2, 2, false)]
    public void Run_OfIntegers_GivesOnnxRuntimesIntegers(
        bool isSigned, string how, int rows, int columns, bool pools)
    {
        (byte[] file, TensorShape shape) = OfIntegers(isSigned, how, rows, columns, pools, 1);

        DynamicGraphTests.Equal(file, shape, 12, optimizes: true);

        Assert.Contains(
            "export writes none (supported: .npz)", Assert.Throws<NotSupportedException>(
                () => DynamicGraphTests.WrittenIsTheSame(file, shape, 1)).Message);
    }

    /// <summary>
    /// Where channels would not lie innermost, or rows would be taken for them, its integers are
    /// others.
    /// </summary>
    [Theory]
    [InlineData(1, 2, true, "to as many rows")]
    [InlineData(2, 2, false, "behind another operator")]
    public void Import_OfOtherIntegers_IsRefused(
        int rows, int columns, bool hasConvolution, string why)
    {
        (byte[] file, TensorShape shape) = OfIntegers(
            false, "half_pixel", rows, columns, false, hasConvolution ? 1 : 0);

        Assert.Contains(
            $"resizes integers by mode linear {why}", Assert.Throws<InputException>(
                () => OnnxImporter.Import(file, "f.onnx", shape)).Message);
    }

    private static (byte[] File, TensorShape Shape) OfIntegers(
        bool isSigned, string how, int rows, int columns, bool pools, int convolutions)
    {
        DataType type = isSigned ? DataType.Int8 : DataType.Uint8;
        var graph = new GraphBuilder(13);
        var random = new Random(rows + columns);
        int zero = isSigned ? -20 : 107;
        string[] form = [graph.Real(1 / 100f), graph.Raw(type, [zero])];
        string x = graph.Node("QuantizeLinear", ["x", .. form]);
        for (int i = 0; i < convolutions; i++)
            x = graph.Node(
                "QLinearConv",
                [
                    x, .. form,
                    graph.Raw(
                        DataType.Int8,
                        [.. Enumerable.Range(0, 81).Select(_ => random.Next(-60, 61))],
                        3, 3, 3, 3),
                    graph.Real(0.011f), graph.Raw(DataType.Int8, [0]), .. form,
                ],
                Is("pads", 1, 1, 1, 1));
        if (pools) x = graph.Node("MaxPool", [x], Is("kernel_shape", 2, 2));
        string y = graph.Node(
            "Flatten",
            [graph.Node("DequantizeLinear", [Larger(graph, x, how, rows, columns), .. form])]);
        return (graph.Build(DataType.Float, [-1, 3, 6, 5], y), new(3, 6, 5));
    }

    /// <summary>Blocks of channels that are moved before have no operator of their own.</summary>
    [Fact]
    public void Write_BlocksBehindAMove_IsRefused()
    {
        var model = new FloatMacModel(8, Weighting.Constant);
        GraphBuilder graph = model.Graph;
        string x = model.Convolution(model.Numbers(3), [8, 3, 3, 3]);
        string y = Larger(graph, Nearest(graph, x), "half_pixel", 2, 2);
        byte[] file = graph.Build(DataType.Float, [-1, 3, 5, 5], graph.Node("Flatten", [y]));

        var e = Assert.Throws<NotSupportedException>(
            () => DynamicGraphTests.WrittenIsTheSame(file, new(3, 5, 5), 1));

        Assert.Contains("blocks of channels", e.Message);
    }

    /// <summary>Values that were moved before, and in a dynamically quantized network.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_OfMovedValues_GivesOnnxRuntimesNumbers(bool isDynamic)
    {
        var model = new DynamicModel(3, false);
        GraphBuilder graph = model.Graph;
        string x = isDynamic
            ? model.Conv("x", 3, 8, 3, 1)
            : QuantizedIslandTests.Pair(graph, "x", 1 / 255f, 0);
        string turned = graph.Node("Transpose", [Nearest(graph, x)], Is("perm", 0, 1, 3, 2));
        string y = Larger(graph, turned, "half_pixel", 3, 2);
        y = isDynamic
            ? model.Conv(y, 8, 8, 3, 1)
            : QuantizedIslandTests.Pair(graph, y, 1 / 250f, 3);
        byte[] file = graph.Build(DataType.Float, [-1, 3, 4, 5], graph.Node("Flatten", [y]));
        DynamicGraphTests.Equal(file, new(3, 4, 5), 8, optimizes: true);
    }

    /// <summary>
    /// On another profile, between equal scales: the nearest to sums of sixteenths.
    /// </summary>
    [Fact]
    public void Run_OnAnotherProfile_IsExact()
    {
        byte[] model = new QuantizedModel(23, false).Upsampled();
        var random = new Random(5);
        float[] images = [.. Enumerable.Range(0, 20 * 16).Select(_ => random.Next(256) / 255f)];
        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", new(1, 4, 4));
        using var simulation = new Simulation(
            QuantizedGraphTests.Program(network, "int8-wide"), BackendList.Find("simd")!);
        long[] found = simulation.Run(images, RunOptions.Default).Outputs;

        int halves = 0;
        for (int i = 0; i < found.Length; i++)
        {
            int sixteenths = Sixteenths(images.AsSpan(i / 64 * 16, 16), i % 64);
            Assert.True(Math.Abs(found[i] - (sixteenths / 16.0)) <= 0.5);
            if (sixteenths % 16 == 8) halves++;
        }

        Assert.InRange(halves, 20, found.Length / 4);
    }

    private static string Larger(
        GraphBuilder graph, string x, string how, int rows, int columns) => graph.Node(
            "Resize", [x, "", graph.Reals([1, 1, rows, columns], 4)], S("mode", "linear"),
            S("coordinate_transformation_mode", how));

    private static string Nearest(GraphBuilder graph, string x) => graph.Node(
        "Resize", [x, "", graph.Reals([1, 1, 2, 1], 4)], S("mode", "nearest"),
        S("coordinate_transformation_mode", "asymmetric"), S("nearest_mode", "floor"));

    /// <summary>Sixteen times a value of a 4x4 image made 8x8 by half pixels.</summary>
    private static int Sixteenths(ReadOnlySpan<float> image, int at)
    {
        (int row, int column) = (at / 8, at % 8);
        int sum = 0;
        foreach ((int r, int a) in Taps(row))
            foreach ((int c, int b) in Taps(column))
                sum += a * b * (int)Math.Round(image[(r * 4) + c] * 255);
        return sum;

        static (int Source, int Weight)[] Taps(int place) =>
        [
            (place / 2, 3), (Math.Clamp((place / 2) + ((2 * (place % 2)) - 1), 0, 3), 1),
        ];
    }
}
