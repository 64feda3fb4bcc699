using QSim.Kernels.Arithmetic;
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

    /// <summary>A layer's own table has its own number of entries.</summary>
    [Theory]
    [InlineData("table: {entries: 256, low: -8, high: 8}")]
    [InlineData("")]
    public void Of_TableOfALayer_HalvesItsOwnEntries(string ofAll)
    {
        HardwareProfile profile = ProfileReader.Parse(
            $$"""
            schema: qsim/hardware-profile/1
            name: own
            extends: int8-wide
            layers:
              - match: {name: act}
                table: {entries: 32, low: -8, high: 8}
            {{ofAll}}
            """, "own");
        var start = new StudyProfile(
            "own", "own", profile, DatapathCompiler.Compile(profile), []);
        var type = new TensorType(new TensorShape(4), 8, true, 1);
        var lookup = new LookupLayer(
            "act", [0], type, type, new(0, 1, 128, 8, RoundingMode.TowardNegative, 0),
            [.. Enumerable.Range(0, 32)],
            ConversionSpec.Into(
                new(8, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate));
        LookupLayer exact = lookup with
        {
            Name = "exact",
            Inputs = [1],
            Index = new(0, 1, 0, 1, RoundingMode.TowardNegative, 128),
            Table = [.. Enumerable.Range(-128, 256)],
        };
        QuantizedProgram some = ProgramGenerator.Program(1);
        var program = new QuantizedProgram(some.Name, some.Input, [lookup, exact]);

        string[] expected = ofAll.Length == 0
            ? ["act table 32 to 16"]
            : ["act table 32 to 16", "exact table 256 to 128"];
        Assert.Equal(expected, NarrowerStage.Of(program, start).Select(s => s.Name));
    }
}
