using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class QuantizerTests
{
    [Theory]
    [InlineData(16, ScaleKind.PowerOfTwo, RequantizeKind.Cast)]
    [InlineData(16, ScaleKind.PowerOfTwo, RequantizeKind.Shift)]
    [InlineData(16, ScaleKind.Real, RequantizeKind.Real)]
    [InlineData(12, ScaleKind.Real, RequantizeKind.MultiplierDouble)]
    [InlineData(16, ScaleKind.Real, RequantizeKind.MultiplierSingle)]
    public void Quantize_WideFormats_ApproachTheFloatNetwork(
        int bits, Enum anyScale, Enum anyKind)
    {
        var scale = (ScaleKind)anyScale;
        var kind = (RequantizeKind)anyKind;
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = TinyNetworks.Images(network.Input, 40);
        foreach (bool affine in scale == ScaleKind.Real ? [false, true] : new[] { false })
        {
            using var simulation = Simulate(
                network, UniformDatapath.Wide(bits, scale, kind, affine), images);
            // Errors of a few output steps at each of three layers; the 12-bit multiplier adds
            // 2^-11 of the value.
            double tolerance =
                LogitRange(network, images)
                * (kind == RequantizeKind.MultiplierSingle ? 1e-2 : 4e-3);
            TinyNetworks.AssertNear(network, simulation.Program, images, tolerance);
        }
    }

    [Theory]
    [InlineData(RequantizeKind.Real)]
    [InlineData(RequantizeKind.MultiplierDouble)]
    public void Quantize_WideAccumulator_FoldedEqualsSubtracted(Enum anyKind)
    {
        var kind = (RequantizeKind)anyKind;
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = TinyNetworks.Images(network.Input, 30);
        long[][] outputs =
        [
            .. new[] { ZeroPointHandling.Folded, ZeroPointHandling.Subtracted }.Select(zero =>
            {
                using var simulation = Simulate(
                    network, UniformDatapath.Wide(8, ScaleKind.Real, kind, true, zero), images);
                Assert.Contains(
                    simulation.Program.Layers.OfType<MacLayer>(), l => l.Input.ZeroPoint != 0);
                return simulation.Run(images, RunOptions.Default).Outputs;
            }),
        ];
        Assert.Equal(outputs[0], outputs[1]);
    }

    [Fact]
    public void Quantize_ReluAfterCalibratedLayer_IsFusedAndCoversItsRange()
    {
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = TinyNetworks.Images(network.Input, 10);
        QuantizedProgram program = Quantizer.Quantize(
            network, UniformDatapath.Wide(8, ScaleKind.PowerOfTwo, RequantizeKind.Shift), images);
        Assert.DoesNotContain(program.Layers, l => l is ClampLayer);
        var conv = (MacLayer)program.Layers[0];
        Assert.All(conv.Requantization, r => Assert.Equal(0, r.ClampMin));
        Assert.Equal(2, program.Sources[1]);
    }

    [Fact]
    public void Quantize_FixedBinaryPoint_KeepsReluApart()
    {
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = TinyNetworks.Images(network.Input, 30);
        var format = new ValueFormat
        {
            Bits = 16,
            Signedness = Signedness.Signed,
            FractionBits = 10,
        };
        var stages = new LayerDatapath
        {
            Weight = format,
            Bias = new(
                new(16, 10, true), RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            Accumulator = new() { Bits = 20, FractionBits = 14 },
            Requantize = new() { Kind = RequantizeKind.Cast },
            Output = format,
        };
        using var simulation = Simulate(network, new UniformDatapath(format, stages), images);
        Assert.Equal(2, simulation.Program.Layers.Count(l => l is ClampLayer));
        TinyNetworks.AssertNear(network, simulation.Program, images, 0.02);
    }

    [Fact]
    public void Quantize_FixedPointAccumulatorWithRealScales_IsRefusedWithItsKey()
    {
        FloatNetwork network = TinyNetworks.Convolutional();
        UniformDatapath wide = UniformDatapath.Wide(8, ScaleKind.Real, RequantizeKind.Real);
        LayerDatapath stages = wide.For("", "", false) with
        {
            Accumulator = new() { Bits = 32, FractionBits = 8 },
        };
        var error = Assert.Throws<QuantizationException>(() =>
            Quantizer.Quantize(
                network, new UniformDatapath(wide.Input, stages),
                TinyNetworks.Images(network.Input, 2)));
        Assert.Equal(
            "uniform: layer 'conv1': mac.accumulator.fraction_bits: a fixed binary point needs "
                + "power-of-two scales (use scale: power_of_two)", error.Message);
    }

    [Fact]
    public void Quantize_SumWiderThan64Bits_IsRefusedWithStageAndWidth()
    {
        FloatNetwork network = TinyNetworks.Convolutional();
        UniformDatapath wide = UniformDatapath.Wide(32, ScaleKind.PowerOfTwo, RequantizeKind.Shift);
        LayerDatapath stages = wide.For("", "", false) with
        {
            Lanes = 0,
            Accumulator = new() { Bits = 64 },
        };
        var error = Assert.Throws<QuantizationException>(() =>
            Quantizer.Quantize(
                network, new UniformDatapath(wide.Input, stages),
                TinyNetworks.Images(network.Input, 2)));
        Assert.Equal(
            "uniform: layer 'conv1': the exact sum of 18 products needs 68 bits (at most 64)",
            error.Message);
    }

    [Fact]
    public void Classify_Ties_LowestIndexWins() => Assert.Equal(1, Simulation.ArgMax([3, 7, 7, 5]));

    private static Simulation Simulate(FloatNetwork network, Datapath datapath, float[] images) =>
        new(Quantizer.Quantize(network, datapath, images), new ReferenceBackend());

    private static double LogitRange(FloatNetwork network, float[] images)
    {
        ReadOnlySpan<float> logits = CalibrationSet
            .Collect(network, images)
            .Values(network.Layers.Length);
        return logits.ToArray().Max(Math.Abs);
    }
}
