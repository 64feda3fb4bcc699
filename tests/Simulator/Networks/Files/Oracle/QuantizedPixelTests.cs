using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Pixels that are halfway between two raw values, or next to it: ONNX Runtime rounds their
/// quotient with the scale to float32 first, which the exact quotient is not always rounded like.
/// </summary>
public class QuantizedPixelTests
{
    private static readonly TensorShape Shape = new(1, 28, 28);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Run_PixelsNextToTies_GiveOnnxRuntimesLogits(bool isOperators, bool isAsymmetric)
    {
        byte[] model = new QuantizedModel(5, isOperators).LeNet(isAsymmetric);
        FloatNetwork network = OnnxImporter.Import(model, "f.onnx", Shape);
        float[] pixels = NextToTies(network, 200);
        InputStage stage = QuantizedGraphTests.Program(network, "onnxruntime-qlinear").Input;

        // The exact quotient gives others: so the pixels tell one from the other.
        Assert.NotEqual(
            new InputConverter(stage).Quantize(pixels),
            new InputConverter(stage with { HasFloat32Quotient = false }).Quantize(pixels));
        QuantizedGraphTests.Equal(model, Shape, 200, pixels: pixels);
    }

    /// <summary>Ready-made integers keep how pixels become integers.</summary>
    [Fact]
    public void Write_IntegersOfAQuantizedGraph_QuantizesPixelsAlike()
    {
        FloatNetwork network = OnnxImporter.Import(
            new QuantizedModel(5, false).LeNet(false), "f.onnx", Shape);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read("onnxruntime-qlinear"));
        float[] pixels = NextToTies(network, 3);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, pixels);

        (_, _, QuantizedProgram back) = IntegerNetwork.Write(program, network, datapath, "w.npz");

        Assert.True(back.Input.HasFloat32Quotient);
        Assert.Equal(
            new InputConverter(program.Input).Quantize(pixels),
            new InputConverter(back.Input).Quantize(pixels));
    }

    private static float[] NextToTies(FloatNetwork network, int images)
    {
        var random = new Random(5);
        float step = (float)network.Layers.OfType<FakeQuantizeLayer>().First().Quantizer.Scale.Step;
        return
        [
            .. Enumerable.Range(0, images * Shape.Length).Select(i =>
            {
                float tie = (random.Next((int)(1 / step) - 1) + 0.5f) * step;
                return (i % 3) switch
                {
                    0 => tie,
                    1 => MathF.BitIncrement(tie),
                    _ => MathF.BitDecrement(tie),
                };
            }),
        ];
    }
}
