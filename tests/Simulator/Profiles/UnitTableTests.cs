using QSim.Simulator.Profiles;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>hardware-profiles/UNITS.md against the profiles and the tests that it names.</summary>
public class UnitTableTests
{
    private static readonly string[] Units =
    [
        "requantization", "average pooling", "residual add", "concatenation", "tables", "softmax",
        "input", "normalisation",
    ];

    /// <summary>Rows that only some profiles have.</summary>
    private static readonly string[] Further =
        ["order of scales", "average pooling of quantized graphs"];

    private static readonly string[] Kinds = ["documented fact", "our choice"];

    private static readonly (string[] Profiles, string[][] Rows)[] Sections =
        [.. File.ReadAllText(Path.Combine(ProfileFolders.Shipped, "UNITS.md"))
            .Split("\n## ").Skip(1).Select(Section)];

    [Fact]
    public void EveryShippedProfile_StandsOnce() => Assert.Equal(
        ShippedProfiles.Names.Order(), Sections.SelectMany(s => s.Profiles).Order());

    [Fact]
    public void EveryProfile_HasEveryUnit_FactOrChoice() => Assert.All(Sections, section =>
    {
        Assert.Equal(Units, section.Rows.Select(r => r[0]).Except(Further));
        Assert.All(section.Rows, row =>
        {
            Assert.Equal(5, row.Length);
            Assert.NotEmpty(row[1]);
            Assert.Contains(row[2], Kinds);
            Assert.True(row[2] != "documented fact" || row[3].Length > 0, row[1]);
        });
    });

    [Fact]
    public void EveryGoldenTest_Exists()
    {
        string tests = Path.GetFullPath(Path.Combine(ProfileFolders.Shipped, "..", "tests"));
        ILookup<string, string> files = Directory
            .EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
            .ToLookup(f => Path.GetFileNameWithoutExtension(f)!);
        string[] named =
            [.. Sections.SelectMany(s => s.Rows).Select(r => r[4]).Where(t => t != "none")];
        Assert.True(named.Length > 20, $"{named.Length} golden tests");
        Assert.All(named.Distinct(), name =>
        {
            string[] parts = name.Split('.');
            Assert.Contains(
                files[parts[0]], f => File.ReadAllText(f).Contains($"void {parts[1]}("));
        });
    }

    private static (string[] Profiles, string[][] Rows) Section(string text)
    {
        string[] lines = text.Split('\n');
        string[][] rows =
            [.. lines.Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
                .Select(l => l.Trim().Trim('|').Split('|').Select(c => c.Trim()).ToArray())];
        return ([.. lines[0].Split(',').Select(p => p.Trim())], rows);
    }
}
