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
            all.Add(seed, (seed % 5) switch
            {
                0 => "qonnx.custom_op.general",
                1 => "finn.custom_op.general",
                2 => "onnx.brevitas",
                3 => "qonnx",
                _ => "",
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
            x = model.Conv(x, 4, 3, 4, isPerChannel: true);
            if (seed % 2 == 0) x = model.Norm(x);
            x = model.Quant(x, 6, isSigned: true);
            QonnxModel.Value logits = model.Quant(model.Dense(x, 5, 6), 8, isSigned: true);
            if (model.NearestTie < 1e-4) continue;
            compared++;
            Equal(model, image, logits, "onnxruntime-qlinear", 1e-6);
        }

        Assert.True(compared >= 20, $"{compared} of 40 away from ties");
    }

    /// <summary>
    /// Networks of signs alone, as FINN's first ones: of pixels, of sums behind batch norms of
    /// which some turn the sign, and of what a pool takes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Run_SignsOfActivations_AreTheSpecifications(int seed, string domain)
    {
        var random = new Random(seed);
        var model = new QonnxModel(seed, domain);
        QonnxModel.Value image = model.Image(random.Next(1, 4), random.Next(5, 8));
        QonnxModel.Value x = seed % 2 == 0
            ? model.Sign(model.Centred(image), 1)
            : model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
        for (int layer = 0; layer < 2; layer++)
        {
            x = model.Conv(
                x, random.Next(2, 7), random.Next(1, 4), 1 + (random.Next(2) * random.Next(4)),
                isPerChannel: random.Next(2) == 0, hasBias: random.Next(2) == 0,
                pad: random.Next(2));
            if (random.Next(2) == 0) x = model.Norm(x);
            x = model.Sign(x, Math.ScaleB(1, random.Next(-2, 2)));
        }

        QonnxModel.Value logits = model.Quant(
            model.Dense(x, 5, 1), 16, isSigned: true, step: Math.ScaleB(1, -8));
        Equal(model, image, logits, seed % 3 == 0 ? "finn-w4a4" : "onnxruntime-qlinear");
    }

    /// <summary>Sums that are 0 count as positive, wherever a bias put them.</summary>
    [Fact]
    public void Run_SignOfZeroAndOfBiases_RoundsDown()
    {
        var graph = new GraphBuilder(13);
        const string Domain = "qonnx.custom_op.general";
        string x = graph.Node(
            $"{Domain}:Quant",
            ["x", graph.Reals([1 / 256f]), graph.Reals([0]), graph.Reals([8])],
            I("signed", 0), I("narrow", 0), S("rounding_mode", "ROUND"));
        string weight = graph.Node(
            $"{Domain}:BipolarQuant", [graph.Reals([1, 1, 1, 1], 4, 1, 1, 1), graph.Reals([1])]);
        // Of a pixel of 1/256: -1/256 makes 0, a little more or less makes the sign.
        float[] biases = [-1 / 256f, -1.0001f / 256, -0.9999f / 256, -1.5f / 256];
        string y = graph.Node("Conv", [x, weight, graph.Reals(biases, 4)]);
        string signs = graph.Node($"{Domain}:BipolarQuant", [y, graph.Reals([1])]);
        FloatNetwork network = OnnxImporter.Import(
            graph.Build(DataType.Float, [1, 1, 1, 1], signs), "q.onnx", new(1, 1, 1));
        using var hardware = new Simulation(
            Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read("onnxruntime-qlinear")),
                new float[1]),
            BackendList.Find("reference")!);

        Assert.Equal([1, -1, 1, -1], hardware.Run(new[] { 1 / 256f }, RunOptions.Default).Outputs);
        Assert.Equal([1, -1, 1, -1], FloatForward.Run(network, [1 / 256f])[^1]);
    }

    public static TheoryData<int, bool, string, string> Pools()
    {
        var all = new TheoryData<int, bool, string, string>();
        foreach (string profile in (string[])["onnxruntime-qlinear", "finn-w4a4", "tflite-int8"])
            for (int seed = 1; seed <= 8; seed++)
                all.Add(seed, seed % 2 == 0, seed % 4 < 2 ? "FLOOR" : "ROUND", profile);
        return all;
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void Run_TruncBehindAPool_DropsBitsOfSums(
        int seed, bool isSecond, string mode, string profile)
    {
        var random = new Random(seed);
        var model = new QonnxModel(seed);
        QonnxModel.Value image = model.Image(2, 8);
        QonnxModel.Value x = model.Quant(image, 8, isSigned: false, step: 1 / 256.0);
        int kernel = random.Next(2, 5), bits = random.Next(3, 7);
        bool isSigned = random.Next(2) == 0;
        double step = Math.ScaleB(1, -4);
        x = model.Conv(x, 3, 1, 4);
        if (!isSigned) x = model.Relu(x);
        x = model.Quant(x, bits, isSigned, step: step);
        int more = (int)Math.Ceiling(Math.Log2(kernel * kernel));
        x = isSecond
            ? model.ScaledTruncPool(x, kernel, step, (bits, isSigned, more), mode)
            : model.TruncPool(x, kernel, step, bits + more, bits, mode);
        QonnxModel.Value logits = model.Quant(
            model.Dense(x, 5, 4), 8, isSigned: true, step: Math.ScaleB(1, -3));
        // A scale over 9 is no power of two, and float64 is not exact there.
        Equal(model, image, logits, profile, isSecond && kernel == 3 ? 1e-6 : 0);
    }

    [Theory]
    [InlineData(1f, 0f, 4f, "does not stand behind an average pool")]
    [InlineData(1f, 2f, 4f, "zero point 2 (supported: 0)")]
    [InlineData(0f, 0f, 4f, "its scale is not one number above 0")]
    [InlineData(1f, 0f, 40f, "has 40 bits (supported: 1..16)")]
    public void Import_ImpossibleTrunc_IsRefusedWithTheReason(
        float scale, float zero, float bits, string why)
    {
        var graph = new GraphBuilder(13);
        string y = graph.Node(
            "qonnx.custom_op.general:Trunc",
            [
                "x", graph.Reals([scale]), graph.Reals([zero]), graph.Reals([8]),
                graph.Reals([bits]),
            ]);
        Assert.Contains(why, Refusal(graph, y));
    }

    /// <summary>
    /// QKeras leaves the image to the hardware: the profile's input quantizes it.
    /// </summary>
    [Theory]
    [InlineData("onnxruntime-qlinear", 8)]
    [InlineData("hls4ml-default", 16)]
    public void Run_ImageThatNothingQuantizes_IsQuantizedByTheProfile(string profile, int bits)
    {
        var model = new QonnxModel(9);
        QonnxModel.Value image = model.Image(1, 4);
        QonnxModel.Value x = model.Quant(
            model.Relu(model.Dense(image, 6, 4)), 6, isSigned: false, step: 1 / 64.0);
        QonnxModel.Value logits = model.Dense(x, 4, 4);
        FloatNetwork network = OnnxImporter.Import(
            model.Build(image, logits), "q.onnx", new(1, 4, 4));
        float[] pixels = [.. image.Data.Select(v => (float)v), .. new float[16].Select(_ => 1f)];
        QuantizedProgram program = Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)), pixels);

        Assert.True(Quantizer.Calibrates(network));
        Assert.Equal(bits, program.Input.Type.Bits);
        using var hardware = new Simulation(program, BackendList.Find("reference")!);
        long[] raw = hardware.Run(pixels.AsSpan(0, 16), RunOptions.Default).Outputs;
        Assert.All(
            raw.Zip(logits.Data),
            p => Assert.Equal(p.Second, p.First * program.Output.Scale, 0.1));
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
    [InlineData(1f, 2f, 1f, 1, 0, "ROUND", "zero point 2 of signs (supported: 0)")]
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

    internal static void Equal(
        QonnxModel model, QonnxModel.Value image, QonnxModel.Value logits, string profile,
        double tolerance = 0, Func<byte[], byte[]>? rewritten = null)
    {
        byte[] file = model.Build(image, logits);
        if (rewritten is not null) file = rewritten(file);
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
