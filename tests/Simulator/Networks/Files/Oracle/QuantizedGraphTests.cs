using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
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

    private static void Equal(byte[] model, TensorShape shape, int count)
    {
        float[] images = Pixels(shape, count);
        float[] wanted;
        using (var ort = new OrtModel(model))
            wanted = ort.Run(images, count, shape.Channels, shape.Rows, shape.Columns);
        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", shape);
        using var simulation = new Simulation(
            Program(network, "onnxruntime-qlinear"), BackendList.Find("simd")!);
        long[] raw = simulation.Run(images, RunOptions.Default).Outputs;

        TensorType type = simulation.Program.Output;
        float[] found = [.. raw.Select(r => (r - type.ZeroPoint) * (float)type.Scale)];
        Assert.True(wanted.Distinct().Count() > 50, "logits say little");
        Assert.Equal(
            0, found.Zip(wanted).Count(p => p.First != p.Second));
    }

    private static QuantizedProgram Program(FloatNetwork network, string profile) =>
        Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)),
            Pixels(network.Input, 1));

    /// <summary>Bytes over 255, dark ones more often.</summary>
    private static float[] Pixels(TensorShape shape, int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, shape.Length * count)
            .Select(_ => (float)Math.Floor(255 * Math.Pow(random.NextDouble(), 2)) / 255)];
    }
}
