using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>
/// What training computes is what the hardware computes, where accumulators neither round nor
/// overflow.
/// </summary>
public class FakeQuantizationTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string profile in new[] { "int8-wide", "int4", "dpu-int8", "int8-acc-sat" })
                foreach (string network in new[] { "convolutional", "residual", "relu" })
                    cases.Add(profile, network);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Insert_PowerOfTwoScalesAndNoBias_GivesTheHardwaresTensors(
        string profile, string name)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(
            profile, new ProfileOverride("mac.accumulator.bits", "32"), new("output.bits", "16"),
            new("input.pixels", "real")));
        FloatNetwork network = Network(name);
        float[] images = TinyNetworks.Images(network.Input, 12);
        var calibration = CalibrationSet.Collect(
            network, images.AsMemory(0, 4 * network.Input.Length));

        FloatNetwork seen = FakeQuantization.Insert(
            network, FakeQuantization.Activations(network, datapath, calibration));
        QuantizedProgram program = Quantizer.Quantize(network, datapath, calibration);

        using var hardware = new Simulation(program, new ReferenceBackend());
        long[] raw = hardware.Run(images, RunOptions.Default).Outputs;
        float[][] tensors =
            [.. images.Chunk(network.Input.Length).Select(i => FloatForward.Run(seen, i)[^1])];
        Assert.Equal(
            raw.Select(r => (float)(program.Output.Scale * (r - program.Output.ZeroPoint))),
            tensors.SelectMany(t => t));
    }

    [Theory]
    [InlineData("int8-wide")]
    [InlineData("int4")]
    public void Parameters_BytesIn_QuantizingWhatTrainingLeavesChangesNothing(string profile)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(profile));
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = TinyNetworks.Images(network.Input, 4);
        var before = (MacLayer)Quantizer.Quantize(network, datapath, images).Layers[0];
        float[][] arrays = [.. network.Layers.SelectMany(l => l.Parameters)];
        foreach ((float[] array, FakeParameter? format) in
            arrays.Zip(FakeQuantization.Parameters(network, datapath)))
            format?.Apply([.. array], array);

        var after = (MacLayer)Quantizer.Quantize(network, datapath, images).Layers[0];

        Assert.Equal(before.Weights.ToArray(), after.Weights.ToArray());
        double step = arrays[0].Zip(after.Weights).First(p => p.Second != 0) is var (real, raw)
            ? (double)real / raw : 0;
        Assert.Equal(Math.Round(Math.Log2(step * 256 / 255)), Math.Log2(step * 256 / 255), 1e-6);
    }

    [Fact]
    public void Insert_SharesParametersAndQuantizesBehindAFusedRelu()
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read("int8-wide"));
        FloatNetwork network = TinyNetworks.Convolutional();
        var calibration = CalibrationSet.Collect(network, TinyNetworks.Images(network.Input, 4));
        var activations = FakeQuantization.Activations(network, datapath, calibration);
        FloatNetwork seen = FakeQuantization.Insert(network, activations);

        // The input, both fused convolutions behind their ReLUs, the average pooling, the logits.
        Assert.Equal([0, 2, 5, 6, 8], activations.Keys);
        Assert.Same(
            network.Layers[0].Parameters[0],
            seen.Layers.OfType<Conv2dLayer>().First().Parameters[0]);
        Assert.Equal(network.Layers.Length + 5, seen.Layers.Length);
        Assert.Equal(0, activations[2].Low);
    }

    /// <summary>
    /// Parameters that the format holds already, and biases that cannot be rounded away.
    /// </summary>
    private static FloatNetwork Network(string name)
    {
        FloatNetwork network = name switch
        {
            "residual" => TinyNetworks.Residual(),
            "relu" => TinyNetworks.Dense(new ReluLayer("relu", [1])),
            _ => TinyNetworks.Convolutional(),
        };
        foreach (FloatLayer layer in network.Layers.Where(l => l.Parameters.Count > 0))
        {
            Array.Clear(layer.Parameters[1]);
            foreach (ref float weight in layer.Parameters[0].AsSpan())
                weight = MathF.Round(weight * 8) / 8;
        }

        return network;
    }
}
