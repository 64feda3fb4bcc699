using QSim.Kernels.Backends;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Silicon.Elements;
using QSim.Simulator.Conformance;
using QSim.Simulator.Profiles;

namespace QSim.Silicon.Tests;

/// <summary>
/// Layers without multiply-accumulate units, on every shipped profile: each has its circuit, which
/// makes what the reference does, or a line that says why not.
/// </summary>
public class ElementTwinTests
{
    private const int OutputsEach = 16;

    /// <summary>Profiles that differ most in how they pool, add and look up.</summary>
    private static readonly string[] InVerilator =
        ["tflite-int8", "hls4ml-default", "gemmini", "dpu-int8", "qnnpack"];

    [SkippableFact]
    public void EveryShippedProfile_PoolsSumsTables_AreTheReferences()
    {
        ITwin[] twins = [.. ShippedProfiles.Names.SelectMany(Twins)];
        Assert.InRange(twins.Length, 120, 1000);
        Simulators.AssertPassed(twins, Simulators.Icarus(twins));
    }

    /// <summary>Any rounding, window, register, width and scale.</summary>
    [SkippableFact]
    public void RandomLayers_AreTheReferences()
    {
        ITwin[] twins = [.. Enumerable.Range(0, 150).SelectMany(seed =>
            Twins(ProgramGenerator.Program(seed), $"random{seed}"))];
        Assert.InRange(twins.Length, 100, 1000);
        Simulators.AssertPassed(twins, Simulators.Icarus(twins));
    }

    [SkippableFact]
    public void InVerilator_TheyAreTheReferences()
    {
        ITwin[] twins =
        [
            .. InVerilator.SelectMany(Twins),
            .. Enumerable.Range(200, 20).SelectMany(seed =>
                Twins(ProgramGenerator.Program(seed), $"random{seed}")),
        ];
        Simulators.AssertPassed(twins, Simulators.Verilator(twins));
    }

    [SkippableFact]
    public void OneBitWrong_TheTestbenchFails()
    {
        ITwin[] twins = [.. new[] { "int8-wide", "tflite-int8", "hls4ml-default" }
            .SelectMany(Twins)];
        string[] lines = Simulators.Icarus(twins, mutation: 7).Split('\n');
        Assert.All(twins, t => Assert.Contains(lines, l => Simulators.Says(l, "FAILED", t)));
    }

    [Fact]
    public void EveryLayer_HasACircuitOrAReason()
    {
        foreach (string profile in ShippedProfiles.Names)
        {
            QuantizedProgram program = Program(profile);
            for (int layer = 0; layer < program.Layers.Length; layer++)
                if (program.Layers[layer] is not MacLayer
                    && ElementTwin.WhyNot(program, layer) is { } reason)
                {
                    Assert.InRange(reason.Length, 10, 100);
                    Assert.Throws<ArgumentException>(
                        () => new ElementTwin(program, layer, "none"));
                }
        }

        Assert.Null(WhyNot("tflite-int8", "add"));
        Assert.Null(WhyNot("int8-wide", "maxpool"));
        Assert.Equal("a softmax has no circuit here", WhyNot("int8-wide", "softmax"));
    }

    /// <summary>All but the two that sum in float32.</summary>
    [Fact]
    public void Averages_OfShippedProfiles_HaveCircuits()
    {
        Assert.All(
            ShippedProfiles.Names.Except(["onnxruntime-qlinear"]),
            profile => Assert.Null(WhyNot(profile, "average")));
        Assert.Equal(
            "an average whose sum is in float32 (average_division: float32) has no circuit here",
            WhyNot("onnxruntime-qlinear", "average"));
    }

    private static string? WhyNot(string profile, string layer) =>
        ElementTwin.WhyNot(Program(profile), Index(profile, layer));

    private static int Index(string profile, string layer) =>
        Program(profile).Layers.Select(l => l.Name).ToList().IndexOf(layer);

    private static QuantizedProgram Program(string profile) =>
        ShippedCases.Program(profile, ShippedCases.EveryLayer());

    private static IEnumerable<ITwin> Twins(string profile) => Twins(Program(profile), profile);

    private static IEnumerable<ITwin> Twins(QuantizedProgram program, string prefix)
    {
        using IProgramRunner runner = BackendList.Find("reference")!.Load(program);
        int tensors = program.Layers.Length + 1;
        RunResult run = runner.Run(
            ProgramGenerator.Inputs(program, 1, 3), 1,
            new RunOptions { Taps = [.. Enumerable.Range(0, tensors)] });
        long[][] values = [.. Enumerable.Range(0, tensors).Select(t => run.Taps[t])];
        for (int layer = 0; layer < program.Layers.Length; layer++)
        {
            if (program.Layers[layer] is MacLayer || ElementTwin.WhyNot(program, layer) is not null)
                continue;
            TensorShape shape = program.Layers[layer].Output.Shape;
            string name = CircuitNames.Of($"{prefix}_{program.Layers[layer].Name}");
            ITwin twin = new ElementTwin(program, layer, name);
            int count = Math.Min(OutputsEach, shape.Length);
            for (int i = 0; i < count; i++)
            {
                int element = i * shape.Length / count;
                twin.Add(new(0, element / shape.Positions, element % shape.Positions), values);
            }

            yield return twin;
        }
    }
}
