using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>
/// Every shipped profile carries a convolutional network, and what it says reaches the program.
/// </summary>
public class ShippedOnNetworkTests
{
    public static TheoryData<string> Names => [.. ShippedProfiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void ShippedProfile_CarriesANetwork(string name)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
        FloatNetwork network = Network();
        float[] images = Values(8 * network.Input.Length, 3, 0, 1);
        QuantizedProgram program = Quantizer.Quantize(network, datapath, images);
        Assert.Null(ProgramLimits.WhyNot(program));
        LayerDatapath expected = datapath.For("conv2d", "conv1", isLast: false);
        MacLayer conv = program.Layers.OfType<MacLayer>().First();
        Assert.Equal(expected.Accumulator.Bits, conv.Mac.Update.Bits);
        Assert.Equal(expected.Accumulator.Overflow, conv.Mac.Update.Overflow);
        Assert.Equal(expected.Lanes, conv.Mac.Lanes);
        Assert.Equal(expected.Output.Bits, conv.Output.Bits);
        using var simulation = new Simulation(program, BackendList.Find("reference")!);
        Assert.Equal(8, simulation.Classify(images).Length);
    }

    [Fact]
    public void Bipolar_WeightsAreSignsAtTheirMeanMagnitude()
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read("binary-w1a8"));
        FloatNetwork network = Network();
        QuantizedProgram program = Quantizer.Quantize(
            network, datapath, Values(8 * network.Input.Length, 3, 0, 1));
        var dense = (MacLayer)program.Layers[^1];
        float[] weights = network.Layers[^1].Parameters[0];
        Assert.Equal(weights.Select(w => w < 0 ? -1 : 1), dense.Weights);
        Assert.Equal(2, dense.WeightBits);
    }

    [Theory]
    [InlineData(
        "{name: conv7}", "weight: int4",
        "5:12: layers[0].match: 'conv7' matches no layer of the network; did you mean 'conv1'?")]
    [InlineData(
        "{name: flatten*}", "weight: int4",
        "6:13: layers[0].weight: has no effect on flatten layers")]
    [InlineData(
        "{name: relu1}",
        "activation: int4",
        "5:12: layers[0].match: has no effect: 'relu1' is part of 'conv1', whose scale is "
            + "calibrated behind it")]
    [InlineData(
        "{type: relu}", "activation: int4",
        "5:12: layers[0].match: has no effect: 'relu1' is part of 'conv1'")]
    public void Override_WithoutEffectOnTheNetwork_IsRefused(
        string match, string stage, string expected)
    {
        string yaml = "schema: qsim/hardware-profile/1\nname: lost\nextends: int8-wide\nlayers:\n"
            + $"  - match: {match}\n    {stage}\n";
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Parse(yaml, "lost.yaml"));
        FloatNetwork network = Network();
        var e = Assert.Throws<InputException>(
            () => Quantizer.Quantize(network, datapath, Values(network.Input.Length, 3, 0, 1)));
        Assert.StartsWith("lost.yaml:" + expected, e.Message);
    }

    private static FloatNetwork Network()
    {
        FloatNetwork network = new NetworkBuilder("tiny", new(1, 8, 8))
            .Conv(4, 3, padding: 1).Relu().MaxPool(2).Flatten().Dense(10).Build();
        int seed = 1;
        foreach (float[] parameters in network.Layers.SelectMany(l => l.Parameters))
            Values(parameters.Length, seed++, -0.5f, 0.5f).CopyTo(parameters, 0);
        return network;
    }

    private static float[] Values(int count, int seed, float low, float high)
    {
        var random = new Random(seed);
        return
        [.. Enumerable.Range(0, count).Select(_ => low + ((high - low) * random.NextSingle()))];
    }
}
