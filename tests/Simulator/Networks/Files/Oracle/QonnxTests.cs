using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// QONNX graphs run as they are: with scales that are powers of two, where float64 is exact, every
/// logit of the float network and of the integers is <see cref="QonnxModel"/>'s.
/// </summary>
public class QonnxTests
{
    public static TheoryData<int, string> Seeds()
    {
        var all = new TheoryData<int, string>();
        for (int seed = 1; seed <= 60; seed++)
            all.Add(seed, (seed % 3) switch
            {
                0 => "qonnx.custom_op.general",
                1 => "finn.custom_op.general",
                _ => "onnx.brevitas",
            });
        return all;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Run_RandomNetwork_GivesTheSpecificationsLogits(int seed, string domain)
    {
        var random = new Random(seed);
        var model = new QonnxModel(seed, domain);
        QonnxModel.Value image = model.Image(random.Next(1, 4), random.Next(5, 8));
        QonnxModel.Value x = model.Quant(
            image, 8, isSigned: false, step: 1 / 256.0,
            type: seed % 2 == 0 ? "IntQuant" : "Quant");
        for (int layer = 0; layer < 2; layer++)
        {
            x = model.Conv(
                x, random.Next(2, 7), random.Next(1, 4), random.Next(1, 9),
                isPerChannel: random.Next(2) == 0, hasBias: random.Next(2) == 0,
                pad: random.Next(2));
            if (random.Next(2) == 0) x = model.Norm(x);
            bool isRelu = random.Next(3) > 0;
            if (isRelu) x = model.Relu(x);
            x = model.Quant(x, random.Next(2, 9), !isRelu, isNarrow: !isRelu && layer == 0);
        }

        QonnxModel.Value logits = model.Quant(
            model.Dense(x, 5, random.Next(2, 9)), 8, isSigned: true, step: Math.ScaleB(1, -3));
        Equal(model, image, logits, "onnxruntime-qlinear");
    }

    /// <summary>Sums with one step need no Quant at the end.</summary>
    [Theory]
    [InlineData("onnxruntime-qlinear")]
    [InlineData("tflite-int8")]
    [InlineData("int8-wide")]
    public void Run_LogitsThatAreSums_AreTheSpecifications(string profile)
    {
        var model = new QonnxModel(5);
        QonnxModel.Value image = model.Image(2, 6);
        QonnxModel.Value x = model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
        Equal(model, image, model.Dense(x, 4, 4), profile);
    }

    [Fact]
    public void Run_AnyScale_IsTheSpecificationsAwayFromTies()
    {
        int compared = 0;
        for (int seed = 1; seed <= 40; seed++)
        {
            var model = new QonnxModel(seed, isPowerOfTwo: false);
            QonnxModel.Value image = model.Image(3, 6);
            QonnxModel.Value x = model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
            x = model.Quant(model.Conv(x, 4, 3, 4, isPerChannel: true), 6, isSigned: true);
            QonnxModel.Value logits = model.Quant(model.Dense(x, 5, 6), 8, isSigned: true);
            if (model.NearestTie < 1e-4) continue;
            compared++;
            Equal(model, image, logits, "onnxruntime-qlinear", 1e-6);
        }

        Assert.True(compared >= 20, $"{compared} of 40 away from ties");
    }

    [Theory]
    [InlineData("Trunc", "drops bits of a sum and keeps its scale")]
    [InlineData("BipolarQuant", "makes signs of values that depend on the image")]
    public void Import_WhatNoProfileSays_IsRefusedByName(string type, string why)
    {
        var graph = new GraphBuilder(13);
        string one = graph.Reals([1]);
        string y = graph.Node(
            $"qonnx.custom_op.general:{type}",
            type == "Trunc" ? ["x", one, one, one, one] : ["x", one]);
        Assert.Contains(why, Refusal(graph, y));
    }

    [Theory]
    [InlineData(1f, 0f, 17f, 1, 0, "ROUND", "has 17 bits (supported: 1..16)")]
    [InlineData(1f, 0f, 2.5f, 1, 0, "ROUND", "has 2.5 bits")]
    [InlineData(1f, 0.5f, 8f, 1, 0, "ROUND", "its zero point is 0.5, no whole number")]
    [InlineData(1f, 3f, 8f, 0, 0, "ROUND", "zero point 3 (supported: even ones")]
    [InlineData(-1f, 0f, 8f, 1, 0, "ROUND", "its scale is not one number above 0")]
    [InlineData(1f, 0f, 8f, 0, 1, "ROUND", "narrow without a sign")]
    [InlineData(1f, 0f, 8f, 1, 0, "FLOOR", "rounding_mode FLOOR where values depend on the image")]
    [InlineData(1f, 0f, 8f, 1, 0, "NEAREST", "rounding_mode 'NEAREST' (supported: ROUND, CEIL,")]
    [InlineData(1f, 0f, 8f, 2, 0, "ROUND", "its attribute 'signed' is not 0 or 1")]
    [InlineData(1f, 0f, 1f, 1, 0, "ROUND", "makes signs of values that depend on the image")]
    public void Import_ImpossibleQuant_IsRefusedWithTheReason(
        float scale, float zero, float bits, int signed, int narrow, string mode, string why)
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node(
            "qonnx.custom_op.general:Quant",
            ["x", graph.Reals([scale]), graph.Reals([zero]), graph.Reals([bits])],
            I("signed", signed), I("narrow", narrow), S("rounding_mode", mode));
        Assert.Contains(why, Refusal(graph, y));
    }

    private static string Refusal(GraphBuilder graph, string output) =>
        Assert.Throws<InputException>(() => OnnxImporter.Import(
            graph.Build(DataType.Float, [1, 1, 2, 2], output), "q.onnx", new(1, 2, 2))).Message;

    private static void Equal(
        QonnxModel model, QonnxModel.Value image, QonnxModel.Value logits, string profile,
        double tolerance = 0)
    {
        byte[] file = model.Build(image, logits);
        FloatNetwork network = BatchNormFolding.ForHardware(OnnxImporter.Import(
            file, "q.onnx", new(image.Channels, image.Side, image.Side)));
        float[] pixels = [.. image.Data.Select(v => (float)v)];
        Assert.True(network.IsQuantized);
        Same(logits.Data, FloatForward.Run(network, pixels)[^1], tolerance);
        using var hardware = new Simulation(
            Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read(profile)), pixels),
            BackendList.Find("reference")!);
        TensorType output = hardware.Program.Output;
        Same(
            logits.Data,
            [.. hardware.Run(pixels, RunOptions.Default).Outputs.Select(
                r => (float)(output.Scale * (r - output.ZeroPoint)))],
            tolerance);
    }

    private static void Same(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }
}
