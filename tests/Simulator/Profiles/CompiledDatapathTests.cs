using System.Collections;
using System.Reflection;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>What is left of a profile once it is compiled.</summary>
public class CompiledDatapathTests
{
    public static TheoryData<string> Shipped => [.. ShippedProfiles.Names];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Compile_ShippedProfile_HoldsNothingOfTheDocument(string name)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Walk(datapath, seen);
        Assert.InRange(seen.Count, 10, 100_000);
        Assert.DoesNotContain(
            seen, o => o is DocumentNode or KeySpec or KeyType or HardwareProfile);
    }

    [Fact]
    public void Keys_OfStages_AllSetSomething()
    {
        int keys = 0;
        Check(ProfileKeys.StageMap, "");
        Assert.InRange(keys, 60, int.MaxValue);

        void Check(MapType map, string path)
        {
            foreach (KeySpec key in map.Keys.Where(k => k.Type is not NotationType))
            {
                keys++;
                Assert.True(key.Set is not null, $"{path}{key.Name} sets nothing");
                if ((key.Type as MapType ?? (key.Type as WordOrMapType)?.Map) is { } below)
                    Check(below, $"{path}{key.Name}.");
            }
        }
    }

    [Fact]
    public void For_LayerOfManyGlobs_HasAllOfThem()
    {
        Datapath datapath = Compile(Meetings.MostGlobs);
        Assert.Equal(
            (8, 5, 17), Widths(datapath.For("dense", "abcdefgh", isLast: false)));
        Assert.Equal((8, 5, 24), Widths(datapath.For("dense", "zz", isLast: false)));
        Assert.Equal((8, 5, 10), Widths(datapath.For("dense", "a", isLast: false)));

        static (int, int, int) Widths(LayerDatapath l) =>
            (l.Output.Bits, l.Weight.Bits, l.Accumulator.Bits);
    }

    [Fact]
    public void For_LayerOfTooManyGlobs_IsRefusedInOneLine()
    {
        Datapath datapath = Compile(Meetings.MostGlobs + 1);
        Assert.Equal(11, datapath.For("dense", "ab", isLast: false).Accumulator.Bits);
        var e = Assert.Throws<InputException>(() => datapath.For("dense", "abc", isLast: false));
        Assert.Equal(
            "globs.yaml:14:12: layers[2].match: layer 'abc' matches more than 2 patterns of a "
                + "profile with more than 8 (write its name out instead)", e.Message);
    }

    /// <summary>Overrides of layers with an a, with a b, and so on, in this order.</summary>
    private static Datapath Compile(int globs)
    {
        string yaml = """
            schema: qsim/hardware-profile/1
            name: globs
            input: uint8
            weight: {bits: 5}
            activation: {bits: 8, signed: auto}
            mac:
              accumulator: {bits: 24, overflow: SAT}
            requantize: {kind: shift}
            layers:

            """;
        for (int i = 0; i < globs; i++)
            yaml +=
                $"  - match: {{name: '*{(char)('a' + i)}*'}}\n    mac: {{accumulator: {{bits: "
                    + $"{10 + i}}}}}\n";
        return DatapathCompiler.Compile(
            ProfileReader.Parse(yaml.ReplaceLineEndings("\n"), "globs.yaml"));
    }

    private static void Walk(object? node, HashSet<object> seen)
    {
        if (node is null or string or Type || node.GetType().IsPrimitive || node.GetType().IsEnum)
            return;
        if (!node.GetType().IsValueType && !seen.Add(node)) return;
        if (node is IEnumerable many)
            foreach (object? item in many)
                Walk(item, seen);
        for (Type? type = node.GetType(); type is not null; type = type.BaseType)
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public
                    | BindingFlags.DeclaredOnly))
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer)
                    Walk(field.GetValue(node), seen);
    }
}
