using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>Channels whose bias is far larger than anything that their weights add.</summary>
public class BiasRoomTests
{
    // Channel 0 is dead: weights of 1e-9, and a bias of 0.5 that the next layer needs.
    private static readonly FloatNetwork Dead = new(
        "dead", new(2),
        [
            new DenseLayer("d", [0], 2, [1e-9f, -1e-9f, 0.7f, -0.4f], [0.5f, 0.1f]),
        ]);

    private static readonly float[] Images = [0, 1, 1, 0, 0.25f, 0.5f, 1, 1];

    public static TheoryData<int, Enum, Enum, bool> Toolchains =>
        new()
        {
            { 32, ScaleKind.Real, RequantizeKind.MultiplierDouble, true },
            { 32, ScaleKind.Real, RequantizeKind.Real, true },
            { 32, ScaleKind.Real, RequantizeKind.Real, false },
            { 32, ScaleKind.PowerOfTwo, RequantizeKind.Shift, true },
            { 32, ScaleKind.PowerOfTwo, RequantizeKind.Shift, false },
            { 17, ScaleKind.PowerOfTwo, RequantizeKind.Shift, true },
            { 17, ScaleKind.Real, RequantizeKind.MultiplierDouble, true },
        };

    [Theory]
    [MemberData(nameof(Toolchains))]
    public void Quantize_DeadChannel_KeepsItsBias(
        int bits, Enum anyScale, Enum anyKind, bool perChannel)
    {
        var scale = (ScaleKind)anyScale;
        var kind = (RequantizeKind)anyKind;
        Datapath datapath = Hardware(bits, scale, kind, perChannel);
        QuantizedProgram program = Quantizer.Quantize(Dead, datapath, Images);
        // Its scale is as coarse as its bias needs, so that its weights are gone: that is counted.
        if (program.Layers[0] is MacLayer { Weights: [0, 0, ..] })
            Assert.Equal(
                new ParameterEvents(0, "channel", 1, 2), Assert.Single(program.ParameterEvents));
        else Assert.Empty(program.ParameterEvents);
        TinyNetworks.AssertNear(Dead, program, Images, tolerance: 0.02);
    }

    [Fact]
    public void Quantize_NarrowAccumulatorWithASharedScale_CountsBiasesThatDoNotFit()
    {
        FloatNetwork network = new(
            "loud", new(2), [new DenseLayer("d", [0], 2, [1, -1, 0.5f, 1], [300, 0.1f])]);
        Datapath datapath = Hardware(17, ScaleKind.PowerOfTwo, RequantizeKind.Shift, false);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, Images);
        Assert.Equal(new ParameterEvents(0, "bias", 1, 2), Assert.Single(program.ParameterEvents));
    }

    [Fact]
    public void Quantize_FixedWeights_CountsThoseOutsideTheirFormat()
    {
        var weight = new ValueFormat { Bits = 8, Signedness = Signedness.Signed, FractionBits = 7 };
        Datapath datapath = Hardware(
            32, ScaleKind.PowerOfTwo, RequantizeKind.Shift, false, weight);
        FloatNetwork network = new(
            "wide", new(2), [new DenseLayer("d", [0], 2, [1.5f, -1, 0.5f, -1.2f], [0, 0])]);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, Images);
        Assert.Equal(
            new ParameterEvents(0, "weight", 2, 4), Assert.Single(program.ParameterEvents));
    }

    [Fact]
    public void Quantize_MultiplierTooSmallForTheHardware_IsCounted()
    {
        FloatNetwork network = new(
            "faint", new(2),
            [new DenseLayer("d", [0], 2, [1e-25f, 0, 0.5f, -0.25f], [0, 0])]);
        Datapath datapath = Hardware(
            32, ScaleKind.Real, RequantizeKind.MultiplierDouble, perChannel: true);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, Images);
        Assert.Equal(
            new ParameterEvents(0, "multiplier", 1, 2), Assert.Single(program.ParameterEvents));
    }

    [Theory]
    [InlineData(1e-7f / 127, 4, 0.05f)] // the values of TFLite's own test of this
    [InlineData(7f / 127, 4, 0.05f)]
    [InlineData(1e-12f, -3, 1f / 255)]
    public void AtLeast_LeavesTheBiasInTheMiddleHalfOf32Bits(
        float step, float bias, float inputStep)
    {
        var stages = Hardware(32, ScaleKind.Real, RequantizeKind.Real, true).For("dense", "", true);
        double least = BiasRoom.LeastSteps(stages, inputStep, [bias])[0];
        foreach (TensorScale scale in new[] { TensorScale.Real(step),
            TensorScale.PowerOfTwo(-Math.ILogB(step)) })
        {
            TensorScale widened = scale.AtLeast(least);
            double raw = Math.Abs(bias) / (widened.Step * inputStep);
            Assert.InRange(raw, 0, (double)int.MaxValue / 2);
            if (Math.Abs(bias) / (scale.Step * inputStep) > (double)int.MaxValue / 2)
                Assert.InRange(raw, int.MaxValue / 4.0, (double)int.MaxValue / 2);
            else
                Assert.Equal(scale, widened);
        }
    }

    private static UniformDatapath Hardware(
        int bits, ScaleKind scale, RequantizeKind kind, bool perChannel, ValueFormat? weight = null)
    {
        var value = new ValueFormat { Bits = 8, Signedness = Signedness.Signed, Scale = scale };
        return new(value, new LayerDatapath
        {
            Weight = weight ?? value with
            {
                Granularity =
                    perChannel ? ScaleGranularity.PerChannel : ScaleGranularity.PerTensor,
            },
            Accumulator = new() { Bits = bits },
            Requantize = new() { Kind = kind },
            Output = value,
        });
    }
}
