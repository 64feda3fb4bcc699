using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Tests.Profiles;

public class ReadmeTests
{
    private static readonly string File = Path.Combine(ProfileFolders.Shipped, "README.md");

    private static readonly string Readme = System.IO.File.ReadAllText(File);

    /// <summary>
    /// Run with QSIM_WRITE_REFERENCE=1 after a change of the key table or of a profile's summary.
    /// </summary>
    [Fact]
    public void Readme_HoldsWhatIsGenerated()
    {
        string expected = Replace(Readme, "profiles", ProfileReference.Shipped());
        expected = Replace(expected, "keys", ProfileReference.Markdown());
        if (Environment.GetEnvironmentVariable("QSIM_WRITE_REFERENCE") == "1")
            System.IO.File.WriteAllText(File, expected);
        else
            Assert.Equal(expected, Readme);
    }

    private static string Replace(string text, string part, string generated)
    {
        int start =
            text.IndexOf(
                "-->", text.IndexOf($"<!-- {part}: ", StringComparison.Ordinal),
                StringComparison.Ordinal) + 4;
        int end = text.IndexOf($"<!-- end of {part} -->", StringComparison.Ordinal);
        return $"{text[..start]}\n{generated.TrimEnd()}\n\n{text[end..]}";
    }

    [Fact]
    public void EveryKey_SaysWhatItDoes_AndWhatSiliconDoes()
    {
        string[] words =
        [
            "schema",
            "name",
            "summary",
            "source",
            "extends",
            "format",
            "match",
            "type",
            "layers",
        ];
        foreach ((string path, KeySpec key) in Keys(ProfileKeys.Root, ""))
        {
            Assert.True(Readme.Contains($"`{key.Name}`"), path);
            Assert.True(key.Summary.EndsWith('.'), path);
            Assert.True(key.Silicon.Length > 0 || words.Contains(key.Name), path);
            Assert.True(
                key.Type is not IntegerType and not NumberType || key.Unit.Length > 0, path);
            bool saysWhatAbsenceMeans =
                key.IsRequired
                || key.Default is not null
                || words.Contains(key.Name)
                || key.Name == "output"
                || path.StartsWith("layers", StringComparison.Ordinal);
            Assert.True(saysWhatAbsenceMeans, path);
        }
    }

    [Fact]
    public void Starter_IsAProfileThatCompiles() =>
        Assert.Equal(
            "mine",
            DatapathCompiler.Compile(ProfileReader.Parse(StarterProfile.Yaml("mine"), "new")).Name);

    private static IEnumerable<(string Path, KeySpec Key)> Keys(MapType map, string path) =>
        map.Keys.SelectMany(key =>
        {
            string below = path + key.Name;
            MapType? type =
                key.Type as MapType
                ?? (key.Type as WordOrMapType)?.Map
                ?? (key.Type as ListType)?.Item as MapType;
            return (type is null ? [] : Keys(type, below + ".")).Prepend((below, key));
        });
}
