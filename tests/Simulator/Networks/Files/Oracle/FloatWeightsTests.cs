using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Layers that were left out of quantization with quantized values before and behind them: ONNX
/// Runtime makes int8 of their weights.
/// </summary>
public class FloatWeightsTests
{
    private const int Channels = 16, Side = 8;

    // Small raw pixels, of which two products do not leave 16 bits.
    private const float Coarse = 1 / 100f;

    [Theory]
    [InlineData("Conv", true)]
    [InlineData("Conv", false)]
    [InlineData("Gemm", true)]
    [InlineData("ConvTranspose", true)]
    public void Run_FloatWeightsBetweenPairs_GiveOnnxRuntimesNumbers(string type, bool hasBias)
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(graph, "x", Coarse, 0);
        bool isGemm = type == "Gemm";
        if (isGemm)
            x = QuantizedIslandTests.Pair(graph, graph.Node("Flatten", [x]), Coarse, 0);
        long[] shape = isGemm ? [Channels * Side * Side, 12]
            : type == "Conv" ? [12, Channels, 3, 3] : [Channels, 12, 2, 2];
        string[] inputs = [x, graph.Reals(Numbers(shape, 0.1f), shape)];
        if (hasBias) inputs = [.. inputs, graph.Reals(Numbers([12], 0.8f), 12)];
        string y = isGemm ? graph.Node(type, inputs)
            : graph.Node(type, inputs, Is("strides", 2, 2));

        QuantizedIslandTests.Equal(
            graph, QuantizedIslandTests.Pair(graph, graph.Node("Relu", [y]), 0.02f, 0));
    }

    /// <summary>
    /// ONNX Runtime moves pairs through what moves values, and drops what does nothing, before; a
    /// Flatten stays between.
    /// </summary>
    [Theory]
    [InlineData("Dropout", false)]
    [InlineData("Identity", false)]
    [InlineData("Reshape", false)]
    [InlineData("Transpose", false)]
    [InlineData("Slice", false)]
    [InlineData("Flatten", false)]
    [InlineData("MaxPool", false)]
    [InlineData("Relu, MaxPool", false)]
    [InlineData("MaxPool, MaxPool", false)]
    [InlineData("MaxPool, Transpose", false)]
    [InlineData("Transpose, MaxPool", false)]
    [InlineData("Dropout", true)]
    [InlineData("Identity", true)]
    [InlineData("MaxPool", true)]
    [InlineData("Slice", true)]
    [InlineData("Pad", true)]
    public void Run_WhatStandsBetweenThemAndThePairs_GivesOnnxRuntimesNumbers(
        string type, bool isAhead)
    {
        var graph = new GraphBuilder(13);
        string Between(string x) => type.Split(", ").Aggregate(x, One);

        string One(string x, string step) => step switch
        {
            "MaxPool" => graph.Node(step, [x], Is("kernel_shape", 2, 2)),
            "Reshape" => graph.Node(step, [x, graph.Integers(0, -1, 1, 8)]),
            "Transpose" => graph.Node(step, [x], Is("perm", 0, 1, 3, 2)),
            "Slice" => graph.Node(
                step, [x, graph.Integers(1), graph.Integers(4), graph.Integers(2)]),
            "Pad" => graph.Node(step, [x, graph.Integers(0, 0, 1, 1, 0, 0, 2, 1)]),
            _ => graph.Node(step, [x]),
        };
        string x = QuantizedIslandTests.Pair(graph, "x", Coarse, 0);
        if (isAhead) x = Between(x);
        long[] shape = [12, Channels, 3, 3];
        string y = graph.Node(
            "Conv",
            [
                x, graph.Reals(Numbers(shape, 0.1f), shape),
                graph.Reals(Numbers([12], 0.8f), 12),
            ],
            Is("pads", 1, 1, 1, 1));
        if (!isAhead) y = Between(y);

        QuantizedIslandTests.Equal(graph, QuantizedIslandTests.Pair(graph, y, 0.02f, 100));
    }

    /// <summary>Where something else reads the sums, they stay numbers.</summary>
    [Theory]
    [InlineData("Relu", true)]
    [InlineData("Tanh", false)]
    public void Import_FloatWeights_AreRoundedWhereTheSumsAre(string between, bool isRounded)
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(graph, "x", Coarse, 0);
        string y = graph.Node("Gemm", [x, graph.Reals([-1, 0.404f, 1.55f], 3, 1)]);

        DenseLayer dense = OnnxImporter.Import(
            graph.Build(
                DataType.Float, [-1, 3],
                QuantizedIslandTests.Pair(graph, graph.Node(between, [y]), 1, 0)),
            "f.onnx", new(3)).Layers.OfType<DenseLayer>().Single();

        Assert.Equal(isRounded ? [-100, 40, 155] : null, dense.Own?.Raw.AsEnumerable());
    }

    /// <summary>Zeros become the convolution's own; anything else stays ahead of it.</summary>
    [Theory]
    [InlineData("constant", true)]
    [InlineData("reflect", false)]
    public void Import_FloatWeightsBehindAPad_AreRoundedWhereItBecomesTheirs(
        string mode, bool isRounded)
    {
        var graph = new GraphBuilder(13);
        string x = graph.Node(
            "Pad",
            [
                QuantizedIslandTests.Pair(graph, "x", Coarse, 0),
                graph.Integers(0, 0, 1, 1, 0, 0, 1, 1),
            ],
            S("mode", mode));
        long[] shape = [2, 3, 3, 3];
        string y = graph.Node("Conv", [x, graph.Reals(Numbers(shape, 0.1f), shape)]);

        Conv2dLayer conv = OnnxImporter.Import(
            graph.Build(
                DataType.Float, [-1, 3, 8, 8], QuantizedIslandTests.Pair(graph, y, 0.02f, 100)),
            "f.onnx", new(3, 8, 8)).Layers.OfType<Conv2dLayer>().Last();

        Assert.Equal(isRounded, conv.Own is not null);
    }

    private static float[] Numbers(long[] shape, float largest)
    {
        var random = new Random(shape.Length);
        return [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(
            _ => largest * ((2 * random.NextSingle()) - 0.9f))];
    }
}
