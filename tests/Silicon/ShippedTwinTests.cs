using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Silicon.Tests;

/// <summary>
/// Every shipped profile has its circuit, and the circuit computes what the reference does.
/// </summary>
public class ShippedTwinTests
{
    private const int OutputsEach = 6;

    /// <summary>It adds an unrounded float32 bias: refused, with the reason.</summary>
    private const string WithoutTwin = "onednn";

    [Fact]
    public void OneDnn_HasNoTwin_AndSaysWhy()
    {
        (QuantizedProgram program, _) = Quantized(WithoutTwin);
        Assert.Equal(
            "a float32 sum with an unrounded bias (requantize: real_once) has no circuit here",
            MacTwin.WhyNot(program, 0));
        Assert.Throws<ArgumentException>(() => new MacTwin(program, 0));
    }

    [SkippableFact]
    public void EveryShippedProfile_ConvolutionAndDense_AreTheReferences()
    {
        MacTwin[] twins =
            [.. ShippedProfiles.Names.Where(n => n != WithoutTwin).SelectMany(Twins)];
        Assert.Equal(2 * (ShippedProfiles.Names.Length - 1), twins.Length);
        string[] lines = Simulators.Icarus(twins).Split('\n');
        Assert.All(twins, t => Assert.Contains(
            lines, l => l.StartsWith($"PASSED {t.Name} ", StringComparison.Ordinal)));
    }

    private static (QuantizedProgram Program, float[] Images) Quantized(string profile)
    {
        FloatNetwork network = new NetworkBuilder("tiny", new(1, 8, 8))
            .Conv(4, 3, padding: 1).Relu().MaxPool(2).Flatten().Dense(10).Build();
        int seed = 1;
        foreach (float[] parameters in network.Layers.SelectMany(l => l.Parameters))
            Values(parameters.Length, seed++, -0.5f, 0.5f).CopyTo(parameters, 0);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(profile));
        float[] images = Values(8 * network.Input.Length, 3, 0, 1);
        return (Quantizer.Quantize(network, datapath, images), images);
    }

    private static IEnumerable<MacTwin> Twins(string profile)
    {
        (QuantizedProgram program, float[] images) = Quantized(profile);
        using var simulation = new Simulation(program, BackendList.Find("reference")!);
        int tensors = program.Layers.Length + 1;
        RunResult run = simulation.Run(
            images.AsSpan(0, program.Input.Type.Shape.Length),
            new RunOptions { Taps = [.. Enumerable.Range(0, tensors)] });
        for (int layer = 0; layer < program.Layers.Length; layer++)
        {
            if (program.Layers[layer] is not MacLayer mac) continue;
            Assert.Null(MacTwin.WhyNot(program, layer));
            var twin = new MacTwin(program, layer, $"{profile}_{mac.Name}");
            int positions = mac.Output.Shape.Positions;
            for (int i = 0; i < OutputsEach; i++)
            {
                int element = i * mac.Output.Shape.Length / OutputsEach;
                twin.Add(
                    new(0, element / positions, element % positions), run.Taps[mac.Inputs[0]]);
            }

            yield return twin;
        }
    }

    private static float[] Values(int count, int seed, float low, float high)
    {
        var random = new Random(seed);
        return
            [.. Enumerable.Range(0, count).Select(_ => low + ((high - low) * random.NextSingle()))];
    }
}
