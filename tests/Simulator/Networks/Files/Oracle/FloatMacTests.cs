using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Convolutions and matrices of float32 numbers in quantized networks, bit by bit against ONNX
/// Runtime's: of every kernel that it has for them, around the edges of its blocks.
/// </summary>
public class FloatMacTests
{
    private const int Side = 6, Images = 4;

    /// <summary>Channels in, channels out, window, stride, pad, dilation, groups.</summary>
    public static TheoryData<int, int, int, int, int, int, int> Windows => new()
    {
        // Fewer than 8 channels: channel after channel.
        { 1, 6, 3, 1, 1, 1, 1 }, { 3, 8, 3, 2, 1, 1, 1 }, { 7, 10, 1, 1, 0, 1, 1 },
        { 2, 1, 2, 1, 0, 1, 1 },
        // Blocks of 8, the last one smaller or not; a window of one place, padded or not.
        { 8, 8, 3, 1, 1, 1, 1 }, { 20, 12, 3, 1, 2, 2, 1 }, { 12, 5, 1, 1, 1, 1, 1 },
        { 16, 16, 2, 2, 0, 1, 1 },
        // One place: 128 channels together.
        { 128, 9, 1, 1, 0, 1, 1 }, { 132, 16, 1, 2, 0, 1, 1 }, { 300, 4, 1, 1, 0, 1, 1 },
        // No blocks: columns of a matrix, of less than, of and of more than 128 products.
        { 9, 4, 1, 1, 0, 1, 1 }, { 14, 12, 3, 1, 1, 1, 1 }, { 15, 40, 3, 1, 0, 1, 1 },
        { 129, 7, 1, 1, 0, 1, 1 }, { 31, 3, 3, 2, 1, 1, 1 }, { 33, 9, 3, 3, 0, 1, 1 },
        // One filter, or one position.
        { 9, 1, 3, 1, 1, 1, 1 }, { 11, 1, 6, 1, 0, 1, 1 }, { 10, 7, 6, 1, 0, 1, 1 },
        { 70, 6, 6, 1, 0, 1, 1 },
        // Groups: by themselves, in blocks, and neither.
        { 12, 12, 3, 1, 1, 1, 12 }, { 6, 6, 3, 1, 1, 1, 6 }, { 16, 16, 3, 1, 1, 1, 2 },
        { 12, 8, 3, 1, 1, 1, 2 }, { 6, 12, 3, 1, 1, 1, 6 }, { 8, 2, 2, 1, 0, 1, 2 },
    };

    [SkippableTheory]
    [MemberData(nameof(Windows))]
    public void Run_ConvolutionOfNumbers_GivesOnnxRuntimesNumbers(
        int from, int to, int kernel, int stride, int pad, int dilation, int groups)
    {
        foreach (Weighting weights in Enum.GetValues<Weighting>())
        {
            if (weights == Weighting.Constant) DynamicModel.SkipWiderBlocks();
            var model = new FloatMacModel(from * 7 + to, weights);
            string x = model.Numbers(from);
            string y = model.Convolution(
                x, [to, from / groups, kernel, kernel],
                Is("strides", stride, stride), Is("pads", pad, pad, pad, pad),
                Is("dilations", dilation, dilation), I("group", groups));
            Equal(model, y, new(from, Side, Side));
        }
    }

    /// <summary>Windows of one dimension, which no blocks take.</summary>
    [SkippableTheory]
    [InlineData(3, 8, 3, 1)]
    [InlineData(16, 16, 5, 2)]
    [InlineData(40, 9, 5, 1)]
    [InlineData(1, 4, 12, 1)]
    [InlineData(1, 1, 12, 1)]
    [InlineData(12, 3, 1, 1)]
    public void Run_ConvolutionOfALine_GivesOnnxRuntimesNumbers(
        int from, int to, int kernel, int stride)
    {
        // What is written again may be a convolution of blocks, which sums so with AVX2.
        DynamicModel.SkipWiderBlocks();
        foreach (Weighting weights in Enum.GetValues<Weighting>())
        {
            var model = new FloatMacModel(from + to, weights);
            string line = model.Graph.Node(
                "Reshape", [model.Numbers(from), model.Graph.Integers(0, from, 12)]);
            string y = model.Convolution(line, [to, from, kernel], Is("strides", stride));
            Equal(model, y, new(from, 3, 4));
        }
    }

    /// <summary>A window as wide, or as high, as the image.</summary>
    [SkippableTheory]
    [InlineData(1, 4, 2, 5)]
    [InlineData(1, 1, 2, 5)]
    [InlineData(1, 1, 5, 5)]
    [InlineData(1, 3, 5, 1)]
    [InlineData(1, 1, 5, 1)]
    [InlineData(2, 3, 5, 1)]
    public void Run_WindowAsWideAsTheImage_GivesOnnxRuntimesNumbers(
        int from, int to, int rows, int columns)
    {
        var model = new FloatMacModel(from + to, Weighting.Made);
        string y = model.Convolution(model.Numbers(from), [to, from, rows, columns]);
        Equal(model, y, new(from, 5, 5));
    }

    /// <summary>
    /// Taps of a transposed window, apart or over one another: channels in, channels out, window,
    /// stride, pad, dilation, groups.
    /// </summary>
    [Theory]
    [InlineData(32, 16, 2, 2, 0, 1, 1)]
    [InlineData(5, 3, 3, 1, 1, 1, 1)]
    [InlineData(128, 4, 3, 2, 1, 1, 1)]
    [InlineData(12, 6, 4, 2, 1, 1, 2)]
    [InlineData(4, 4, 3, 2, 0, 2, 4)]
    public void Run_TransposedConvolutionOfNumbers_GivesOnnxRuntimesNumbers(
        int from, int to, int kernel, int stride, int pad, int dilation, int groups)
    {
        foreach (Weighting weights in Enum.GetValues<Weighting>())
        {
            var model = new FloatMacModel(from * 7 + to, weights);
            string y = model.Graph.Node(
                "ConvTranspose",
                [
                    model.Numbers(from),
                    model.Weights([from, to / groups, kernel, kernel], axis: 1),
                    model.Graph.Reals(model.Random(to, 0.5f), to),
                ],
                Is("strides", stride, stride), Is("pads", pad, pad, pad, pad),
                Is("dilations", dilation, dilation), I("group", groups));
            Equal(model, y, new(from, Side, Side));
        }
    }

    [SkippableTheory]
    [InlineData(5, 3, 1f, 1f)]
    [InlineData(127, 9, 1f, 1f)]
    [InlineData(256, 6, 1f, 1f)]
    [InlineData(257, 1, 1f, 1f)]
    [InlineData(600, 10, 1f, 1f)]
    [InlineData(600, 11, 0.7f, 1f)]
    [InlineData(300, 4, 1.3f, 0.6f)]
    public void Run_GemmOfNumbers_GivesOnnxRuntimesNumbers(
        int from, int to, float alpha, float beta)
    {
        foreach (Weighting weights in Enum.GetValues<Weighting>())
            foreach (bool isTurned in (bool[])[false, true])
            {
                if (!isTurned && weights == Weighting.Made) continue;
                var model = new FloatMacModel(from + to, weights);
                string x = model.Graph.Node("Flatten", [model.Numbers(from)]);
                string y = model.Gemm(
                    x, from, to, isTurned, F("alpha", alpha), F("beta", beta));
                Equal(
                    model, y, new(from, 1, 1),
                    isWritten: alpha == 1 || weights == Weighting.Constant);
            }
    }

    /// <summary>Rows of features, with an addend behind them and without.</summary>
    [SkippableTheory]
    [InlineData(1, 40, 9, false)]
    [InlineData(5, 40, 9, true)]
    [InlineData(5, 129, 1, false)]
    [InlineData(4, 257, 6, false)]
    [InlineData(4, 256, 6, true)]
    public void Run_MatMulOfNumbers_GivesOnnxRuntimesNumbers(
        int rows, int from, int to, bool adds)
    {
        var model = new FloatMacModel(from + to, Weighting.Constant);
        string x = model.Graph.Node(
            "Reshape", [model.Numbers(rows), model.Graph.Integers(0, rows, from)]);
        string y = model.Graph.Node("MatMul", [x, model.Weights([from, to], axis: 1)]);
        if (adds)
            y = model.Graph.Node("Add", [y, model.Graph.Reals(model.Random(to, 0.5f), to)]);
        Equal(model, y, new(rows, 1, from));
    }

    /// <summary>Pixels as they are, and means of what lies in blocks of channels.</summary>
    [SkippableTheory]
    [InlineData(16, "GlobalAveragePool")]
    [InlineData(10, "GlobalAveragePool")]
    [InlineData(16, "AveragePool")]
    [InlineData(16, "GlobalAveragePool", "Clip")]
    [InlineData(16, "GlobalAveragePool", "LeakyRelu")]
    [InlineData(16, "GlobalAveragePool", "MaxPool", "Clip")]
    [InlineData(16, "GlobalAveragePool", "Relu", "Clip")]
    [InlineData(16, "GlobalAveragePool", "Relu", "LeakyRelu")]
    [InlineData(16, "GlobalAveragePool", "Elu")]
    public void Run_ConvolutionOfPixelsThenMean_GivesOnnxRuntimesNumbers(
        int to, string mean, params string[] between)
    {
        DynamicModel.SkipWiderBlocks();
        var model = new FloatMacModel(to, Weighting.Constant);
        string y = model.Convolution("x", [to, 3, 3, 3], Is("pads", 1, 1, 1, 1));
        foreach (string type in between.DefaultIfEmpty("Relu"))
            y = type == "Clip" ? model.Graph.Node(
                    type, [y, model.Graph.Real(-0.2f), model.Graph.Real(0.4f)])
                : type == "MaxPool" ? model.Graph.Node(type, [y], Is("kernel_shape", 2, 2))
                : model.Graph.Node(type, [y]);
        y = mean == "AveragePool"
            ? model.Graph.Node(mean, [y], Is("kernel_shape", 3, 3), Is("strides", 2, 2))
            : model.Graph.Node(mean, [y]);
        Equal(model, y, new(3, Side, Side));
    }

    /// <summary>Numbers need no scale that images would be asked for.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("Sub")]
    public void Calibrates_PixelsThatAConvolutionOfNumbersReads_AreAsTheyAre(string ahead)
    {
        var model = new FloatMacModel(4, Weighting.Constant);
        string x = ahead.Length == 0
            ? "x"
            : model.Graph.Node(ahead, ["x", model.Graph.Reals([0.3f, 0.2f, 0.1f], 3, 1, 1)]);
        string y = QuantizedIslandTests.Pair(
            model.Graph, model.Convolution(x, [8, 3, 3, 3]), 0.05f, 100);
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, 3, Side, Side], model.Graph.Node("Flatten", [y]));

        Assert.False(Quantizer.Calibrates(OnnxImporter.Import(file, "f.onnx", new(3, Side, Side))));
        DynamicGraphTests.Equal(file, new(3, Side, Side), Images, optimizes: true);
    }

    /// <summary>
    /// Where ONNX Runtime takes what stands about a layer into it, or makes integers of its matrix,
    /// the order of sums is another one.
    /// </summary>
    [Theory]
    [InlineData("Conv", "Add")]
    [InlineData("MatMul", "made")]
    [InlineData("Gemm", "made")]
    public void Quantize_SumsThatTakeMoreIn_AreRefusedByName(string type, string with)
    {
        var model = new FloatMacModel(
            3, with == "made" ? Weighting.Made : Weighting.Constant);
        GraphBuilder graph = model.Graph;
        string x = model.Numbers(8);
        string y = type == "Conv" ? model.Convolution(x, [8, 8, 1, 1])
            : type == "Gemm" ? model.Gemm(graph.Node("Flatten", [x]), 8, 8, isTurned: false)
            : graph.Node("MatMul", [graph.Node("Flatten", [x]), model.Weights([8, 8], 1)]);
        if (with == "Add") y = graph.Node("Add", [y, x]);
        IsRefused(graph, y, 8, type);
    }

    /// <summary>
    /// Another value of the image that ONNX Runtime adds within a product of matrices is there
    /// before the products, which shows where these are summed in parts.
    /// </summary>
    [SkippableTheory]
    [InlineData("MatMul", "Add", 256)]
    [InlineData("MatMul", "Add", 257)]
    [InlineData("Gemm", "Sum", 256)]
    [InlineData("Gemm", "Sum", 257)]
    [InlineData("Gemm", "Add", 600)]
    public void Run_ProductPlusAnotherValue_GivesOnnxRuntimesNumbersOrIsRefused(
        string type, string with, int depth)
    {
        var model = new FloatMacModel(depth, Weighting.Constant);
        GraphBuilder graph = model.Graph;
        string x = graph.Node("Flatten", [model.Numbers(depth)]);
        string other = graph.Node("Tanh", [graph.Node(
            "Gemm", [x, model.Weights([depth, 9], 1)])]);
        string y = graph.Node(with, [graph.Node(type, [x, model.Weights([depth, 9], 1)]), other]);
        if (depth == 257)
            IsRefused(graph, y, depth, type);
        else
            DynamicGraphTests.Equal(
                graph.Build(DataType.Float, [-1, depth, 1, 1], y), new(depth, 1, 1), Images,
                optimizes: true);
    }

    private static void IsRefused(GraphBuilder graph, string y, int depth, string type)
    {
        byte[] file = graph.Build(DataType.Float, [-1, depth, 1, 1], graph.Node("Flatten", [y]));

        var e = Assert.Throws<QuantizationException>(
            () => DynamicGraphTests.Equal(file, new(depth, 1, 1), 2, optimizes: true));

        Assert.Contains($"layer '{type.ToLowerInvariant()}_", e.Message);
        Assert.Contains("in which order ONNX Runtime sums here is not known", e.Message);
    }

    /// <summary>The numbers themselves, and what a coarse quantizer makes of them.</summary>
    private static void Equal(
        FloatMacModel model, string y, TensorShape shape, bool isWritten = true)
    {
        GraphBuilder graph = model.Graph;
        string all = graph.Node(
            "Concat",
            [
                graph.Node("Flatten", [y]),
                graph.Node(
                    "Flatten",
                    [QuantizedIslandTests.Pair(graph, graph.Node("Tanh", [y]), 0.05f, 100)]),
            ],
            I("axis", 1));
        byte[] file = graph.Build(
            DataType.Float, [-1, shape.Channels, shape.Rows, shape.Columns], all);
        DynamicGraphTests.Equal(file, shape, Images, optimizes: true);
        if (isWritten) DynamicGraphTests.WrittenIsTheSame(file, shape, 2);
    }
}
