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

    [SkippableFact]
    public void EveryShippedProfile_PoolsSumsTables_AreTheReferences()
    {
        ITwin[] twins = [.. ShippedProfiles.Names.SelectMany(Twins)];
        Assert.InRange(twins.Length, 100, 1000);
        string[] lines = Simulators.Icarus(twins).Split('\n');
        Assert.Equal("", string.Join('\n', twins
            .Where(t => !lines.Any(l => Says(l, "PASSED", t)))
            .Select(t => lines.FirstOrDefault(l => Says(l, "DIFFERS", t)) ?? t.Name)));
    }

    [SkippableFact]
    public void OneBitWrong_TheTestbenchFails()
    {
        ITwin[] twins = [.. new[] { "int8-wide", "tflite-int8", "hls4ml-default" }
            .SelectMany(Twins)];
        string[] lines = Simulators.Icarus(twins, mutation: 7).Split('\n');
        Assert.All(twins, t => Assert.Contains(lines, l => Says(l, "FAILED", t)));
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

        Assert.Null(ElementTwin.WhyNot(Program("tflite-int8"), Index("tflite-int8", "add")));
        Assert.Null(ElementTwin.WhyNot(Program("int8-wide"), Index("int8-wide", "maxpool")));
        Assert.Equal(
            "a softmax has no circuit here",
            ElementTwin.WhyNot(Program("int8-wide"), Index("int8-wide", "softmax")));
    }

    private static int Index(string profile, string layer) =>
        Program(profile).Layers.Select(l => l.Name).ToList().IndexOf(layer);

    private static QuantizedProgram Program(string profile) =>
        ShippedCases.Program(profile, ShippedCases.EveryLayer());

    private static IEnumerable<ITwin> Twins(string profile)
    {
        QuantizedProgram program = Program(profile);
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
            string name = CircuitNames.Of($"{profile}_{program.Layers[layer].Name}");
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

    private static bool Says(string line, string word, ITwin twin) =>
        line.StartsWith($"{word} {twin.Name} ", StringComparison.Ordinal);
}
