using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Runner.Search.Sensitivity;
using QSim.Runner.Studies;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Tests.Search;

/// <summary>What of a layer can be a bit narrower.</summary>
public class NarrowerStageTests
{
    /// <summary>Each type is asked for by name: one that was forgotten throws.</summary>
    [Fact]
    public void Of_EveryLayerType_AnswersAndEveryMacHasItsStages()
    {
        HardwareProfile profile = ProfileReader.Read("int8-wide");
        var start = new StudyProfile(
            "int8-wide", "int8-wide", profile, DatapathCompiler.Compile(profile), []);
        HashSet<Type> met = [];
        for (int seed = 0; seed < 300; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            var stages = NarrowerStage.Of(program, start);
            met.UnionWith(program.Layers.Select(l => l.GetType()));
            foreach (MacLayer mac in program.Layers.OfType<MacLayer>())
                Assert.Superset(
                    new HashSet<string> { "weight", "activation", "accumulator" },
                    stages.Where(s => s.Layer == mac.Name).Select(s => s.Stage).ToHashSet());
        }

        Assert.Equal(
            typeof(ProgramLayer).Assembly.GetTypes()
                .Count(t => t.IsSubclassOf(typeof(ProgramLayer))),
            met.Count);
    }
}
