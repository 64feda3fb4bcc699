using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Units;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Quantized graphs run as they are: on <c>onnxruntime-qlinear</c> every logit is the float32 that
/// ONNX Runtime gives. Weights stay within 63, or are uint8: for int8 weights beyond, MLAS
/// saturates sums of two products in 16 bits on processors with AVX2 and without VNNI, and so
/// differs from itself elsewhere.
/// </summary>
public class QuantizedGraphTests
{
    private const int Images = 1000;

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    public void Run_LeNet_GivesOnnxRuntimesLogits(
        bool isOperators, bool isAsymmetric, bool isUnsigned) => Equal(
        (isUnsigned
            ? new QuantizedModel(7, isOperators, DataType.Uint8, 127)
            : new QuantizedModel(5, isOperators)).LeNet(isAsymmetric),
        new(1, 28, 28), Images);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_GlobalAverage_GivesOnnxRuntimesLogits(bool isOperators) => Equal(
        new QuantizedModel(11, isOperators).Convolutional(), new(3, 8, 8), Images);

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_ResNet20_GivesOnnxRuntimesLogits(bool isOperators)
    {
        NeedsAvx2();
        double[] centre = Centre(new QuantizedModel(3, isOperators).ResNet20(null), 32);
        Equal(new QuantizedModel(3, isOperators).ResNet20(centre), new(3, 32, 32),
            Images);
    }

    public static TheoryData<string, bool> Elements()
    {
        var all = new TheoryData<string, bool>();
        foreach (string type in new[] { "Add", "Mul", "Sigmoid", "LeakyRelu", "Concat" })
        {
            all.Add(type, false);
            all.Add(type, true);
        }

        return all;
    }

    [SkippableTheory]
    [MemberData(nameof(Elements))]
    public void Run_OperatorBetweenConvolutions_GivesOnnxRuntimesLogits(
        string type, bool isOperators)
    {
        NeedsAvx2();
        Equal(new QuantizedModel(21, isOperators).Between(type), new(3, 8, 8), Images);
    }

    [Theory]
    [InlineData("AveragePool", false)]
    [InlineData("AveragePool", true)]
    [InlineData("ties", false)]
    [InlineData("ties", true)]
    [InlineData("padded", false)]
    [InlineData("padded", true)]
    [InlineData("counted", false)]
    [InlineData("counted", true)]
    [InlineData("whole", false)]
    [InlineData("whole", true)]
    [InlineData("relu", false)]
    public void Run_AveragePool_GivesOnnxRuntimesLogits(string type, bool isOperators) => Equal(
        new QuantizedModel(21, isOperators).Between(type), new(3, 8, 8), Images);

    public static TheoryData<string, bool> Parts()
    {
        var all = new TheoryData<string, bool>();
        foreach (string type in new[] { "attention", "class token", "addend", "factor" })
        {
            all.Add(type, false);
            all.Add(type, true);
        }

        foreach (string type in new[] { "transposed", "rescaled" })
            all.Add(type, false);
        return all;
    }

    /// <summary>What vision transformers and U-Nets have besides.</summary>
    [SkippableTheory]
    [MemberData(nameof(Parts))]
    public void Run_PartOfATransformerOrUNet_GivesOnnxRuntimesLogits(string type, bool isOperators)
    {
        NeedsAvx2();
        Equal(
            new QuantizedModel(21, isOperators).Part(type), new(3, 8, 8), Images / 5,
            isOneByOne: type == "class token");
    }

    /// <summary>QSIM_QUANTIZED_GRAPHS sets how many, QSIM_ONNX_SEED the first seed.</summary>
    [SkippableFact]
    public void Run_RandomGraphs_GiveOnnxRuntimesLogits()
    {
        NeedsAvx2();
        int graphs = OnnxRuntimeTests.Setting("QSIM_QUANTIZED_GRAPHS", 40);
        int first = OnnxRuntimeTests.Setting("QSIM_ONNX_SEED", 1), telling = 0;
        for (int seed = first; seed < first + graphs; seed++)
        {
            var model = new QuantizedModel(seed, isOperators: seed % 2 == 0);
            byte[] file = model.Chain();
            try
            {
                // Two sigmoids in a row, say, leave little for logits to differ by.
                if (Equal(file, new(3, 8, 8), 10, leastDistinct: 1) >= 5) telling++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"seed {seed}: {string.Join(", ", model.Steps)}", e);
            }
        }

        Assert.True(telling > 0.95 * graphs, $"{telling} of {graphs} graphs have five logits");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_SoftmaxInside_GivesOnnxRuntimesLogits(bool isOperators) =>
        Equal(Softmax(isOperators, isLast: false), new(3, 8, 8), Images);

    /// <summary>What is left is logits, which the scale of probabilities says nothing of.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Import_SoftmaxAtTheEnd_LeavesLogitsOfTheirOwnScale(bool isOperators)
    {
        byte[] model = Softmax(isOperators, isLast: true);
        TensorShape shape = new(3, 8, 8);
        float[] images = Pixels(shape, 100), wanted;
        using (var ort = new OrtModel(model)) wanted = ort.Run(images, 100, 3, 8, 8);
        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", shape);
        using var simulation = new Simulation(
            Program(network, "onnxruntime-qlinear"), BackendList.Find("simd")!);
        long[] raw = simulation.Run(images, RunOptions.Default).Outputs;

        Assert.True(raw.Distinct().Count() > 50, "logits say little");
        for (int i = 0; i < 100; i++)
        {
            double[] logits = [.. raw[(i * 10)..((i + 1) * 10)]
                .Select(r => r * simulation.Program.Output.Scale)];
            double sum = logits.Sum(l => Math.Exp(l - logits.Max()));
            for (int c = 0; c < 10; c++)
                Assert.Equal(
                    wanted[(i * 10) + c], Math.Exp(logits[c] - logits.Max()) / sum, 1d / 200);
        }
    }

    /// <summary>
    /// The known difference between processors: with AVX2 and no VNNI, ONNX Runtime adds two
    /// products of uint8 and int8 in 16 bits that saturate. QSim's sums are exact.
    /// </summary>
    [SkippableFact]
    public void OnnxRuntime_LargeWeights_SaturatesInPairsWithoutVnni()
    {
        Skip.IfNot(Avx2.IsSupported, "it is AVX2's kernel that saturates");
        Skip.If(AvxVnni.IsSupported || Avx512BW.IsSupported, "there may be VNNI here: exact");
        byte[] x = [255, 255, 255, 255];
        sbyte[] w = [127, 127, -127, 5];
        int exact = x.Zip(w).Sum(p => p.First * p.Second);
        int pairs = Math.Min(255 * (127 + 127), short.MaxValue) + (255 * (-127 + 5));
        int[] found = OrtNode.Run<int>(
            "MatMulInteger", false, [], (x, [1, 4]), (w, [4, 1]));

        Assert.Equal([pairs], found);
        Assert.NotEqual(exact, pairs);
    }

    private static byte[] Softmax(bool isOperators, bool isLast)
    {
        double[] centre = Centre(new QuantizedModel(13, isOperators).Softmax(false, null), 8);
        return new QuantizedModel(13, isOperators).Softmax(isLast, centre);
    }

    /// <summary>The mean of each feature over a few images.</summary>
    private static double[] Centre(byte[] model, int side)
    {
        const int Few = 20;
        using var ort = new OrtModel(model);
        float[] features = ort.Run(Pixels(new(3, side, side), Few), Few, 3, side, side);
        int count = features.Length / Few;
        return [.. Enumerable.Range(0, count).Select(
            f => Enumerable.Range(0, Few).Average(i => (double)features[(i * count) + f]))];
    }

    internal static void NeedsAvx2() => Skip.IfNot(
        Avx2.IsSupported && Fma.IsSupported, "ONNX Runtime adds otherwise without AVX2 and FMA");

    [Fact]
    public void Quantize_ModelWithItsOwnScales_KeepsThem()
    {
        FloatNetwork network = OnnxImporter.Import(
            new QuantizedModel(5, false).LeNet(false), "f.onnx", new(1, 28, 28));

        QuantizedProgram program = Program(network, "onnxruntime-qlinear");

        Assert.Equal(
            network.Layers.OfType<FakeQuantizeLayer>().Select(l => l.Quantizer.Scale.Step)
                .Distinct(),
            program.Layers.Select(l => l.Output.Scale).Prepend(program.Input.Type.Scale)
                .Distinct());
        Assert.Equal(
            OwnWeights.Of(network.Layers.OfType<Conv2dLayer>().First())!.Raw,
            ((MacLayer)program.Layers[0]).Weights);
    }

    [Theory]
    [InlineData("int8-wide")]
    [InlineData("tflite-int8")]
    [InlineData("gemmini")]
    public void Run_OnOtherHardware_IsNear(string profile)
    {
        FloatNetwork network = OnnxImporter.Import(
            new QuantizedModel(5, false).LeNet(false), "f.onnx", new(1, 28, 28));
        float[] images = Pixels(network.Input, 40);
        int[] Classes(string name)
        {
            using var simulation = new Simulation(
                Program(network, name), BackendList.Find("simd")!);
            return simulation.Classify(images);
        }

        int[] own = Classes("onnxruntime-qlinear");
        Assert.InRange(own.Zip(Classes(profile)).Count(p => p.First == p.Second), 38, 40);
    }

    /// <summary>How many different logits there are, all of them ONNX Runtime's.</summary>
    internal static int Equal(
        byte[] model, TensorShape shape, int count, int leastDistinct = 51,
        bool isOneByOne = false, float[]? pixels = null)
    {
        float[] images = pixels ?? Pixels(shape, count);
        float[] wanted;
        int batch = isOneByOne ? 1 : count;
        using (var ort = new OrtModel(model))
            wanted =
            [
                .. images.Chunk(batch * shape.Length).SelectMany(i =>
                    ort.Run(i, batch, shape.Channels, shape.Rows, shape.Columns)),
            ];
        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", shape);
        using var simulation = new Simulation(
            Program(network, "onnxruntime-qlinear"), BackendList.Find("simd")!);
        long[] raw = simulation.Run(images, RunOptions.Default).Outputs;

        TensorType type = simulation.Program.Output;
        float[] found = [.. raw.Select(r => (r - type.ZeroPoint) * (float)type.Scale)];
        int distinct = wanted.Distinct().Count();
        Assert.True(distinct >= leastDistinct, $"logits say little: they have {distinct} values");
        Assert.Equal(
            0, found.Zip(wanted).Count(p => p.First != p.Second));
        return distinct;
    }

    internal static QuantizedProgram Program(
        FloatNetwork network, string profile, params ProfileOverride[] overrides) =>
        Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile, overrides)),
            Pixels(network.Input, 1));

    /// <summary>Bytes over 255, some images darker than others.</summary>
    internal static float[] Pixels(TensorShape shape, int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).SelectMany(_ =>
        {
            double gamma = 0.3 + (4 * random.NextDouble());
            return Enumerable.Range(0, shape.Length).Select(_ => (float)Math.Floor(
                255 * Math.Pow(random.NextDouble(), gamma)) / 255).ToArray();
        })];
    }
}
