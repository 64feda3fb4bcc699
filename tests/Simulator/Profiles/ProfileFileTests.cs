using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Keys;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>
/// The folders good/ and bad/: what is accepted, and the exact words of every refusal.
/// </summary>
public class ProfileFileTests
{
    public static TheoryData<string> Good => ProfileFolders.Yaml(ProfileFolders.Good);

    public static TheoryData<string> Bad => ProfileFolders.Yaml(ProfileFolders.Bad);

    public static TheoryData<string> GoodAndShipped =>
    [
        .. Directory.GetFiles(ProfileFolders.Good, "*.yaml"),
        .. ShippedProfiles.Names,
    ];

    [Theory]
    [MemberData(nameof(Good))]
    public void GoodFile_Compiles(string file) =>
        Assert.NotNull(
            DatapathCompiler.Compile(ProfileReader.Read(Path.Combine(ProfileFolders.Good, file))));

    [Theory]
    [MemberData(nameof(Bad))]
    public void BadFile_IsRefusedInTheseWords(string file)
    {
        string path = Path.Combine(ProfileFolders.Bad, file);
        var e = Assert.Throws<InputException>(() =>
            DatapathCompiler.Compile(ProfileReader.Read(path)));
        string said = e.Message.Replace(ProfileFolders.Bad + Path.DirectorySeparatorChar, "");
        string expected = File.ReadAllText(Path.ChangeExtension(path, ".txt"))
            .TrimEnd()
            .Replace("{roundings}", string.Join(", ", ModeNames.Roundings.Select(r => r.Name)))
            .Replace(
                "{layer_types}",
                string.Join(", ", ProfileKeys.LayerTypes.Order(StringComparer.Ordinal)));
        Assert.Equal(expected, said);
    }

    [Fact]
    public void BadFiles_AreMany() =>
        Assert.True(Directory.GetFiles(ProfileFolders.Bad, "*.yaml").Length >= 60);

    /// <summary>Names and types that between them meet every override of the test files.</summary>
    [Theory]
    [MemberData(nameof(GoodAndShipped))]
    public void ResolvedProfile_ReadAgain_GivesTheSameDatapath(string reference)
    {
        HardwareProfile profile = ProfileReader.Read(reference);
        string resolved = ResolvedProfile.Yaml(profile);
        HardwareProfile again = ProfileReader.Parse(resolved, "resolved.yaml");
        Datapath expected = DatapathCompiler.Compile(profile);
        Datapath actual = DatapathCompiler.Compile(again);

        Assert.Equal(expected.Input, actual.Input);
        foreach (string kind in new[]
        {
            "conv2d",
            "dense",
            "average_pool2d",
            "relu",
            "add",
            "sigmoid",
            "softmax",
        })
            foreach (string name in new[] { "conv1", "conv2", "fc", "other" })
                foreach (bool isLast in new[] { false, true })
                    Assert.Equal(expected.For(kind, name, isLast), actual.For(kind, name, isLast));
        Assert.Equal(resolved, ResolvedProfile.Yaml(again));
        Assert.Empty(ProfileDifference.Between(profile, again));
    }
}
