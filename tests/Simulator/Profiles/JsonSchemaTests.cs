using Newtonsoft.Json.Linq;
using NJsonSchema;
using QSim.Simulator.Profiles.Keys;
using YamlDotNet.RepresentationModel;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>The generated schema, judged by NJsonSchema.</summary>
public class JsonSchemaTests
{
    /// <summary>
    /// What a schema cannot see: which keys go together or mean something beside which others,
    /// other files, sums of widths, and what quotes and repeated keys do before there is any JSON.
    /// </summary>
    private static readonly string[] BeyondASchema =
        [.. File.ReadAllLines(Path.Combine(ProfileFolders.Bad, "beyond-a-schema.lst"))];

    private static readonly string[] NoYaml =
    [
        "alias-bomb",
        "alias-of-itself",
        "binary",
        "comment-only",
        "complex-key",
        "duplicate-key",
        "empty",
        "merge-key",
        "notation-in-braces",
        "second-document",
        "tab-indentation",
        "tagged",
        "unclosed-brace",
        "unknown-alias",
    ];

    private static readonly JsonSchema Schema =
        JsonSchema.FromJsonAsync(ProfileKeys.JsonSchema()).GetAwaiter().GetResult();

    public static TheoryData<string> Accepted =>
    [
        .. Directory.GetFiles(ProfileFolders.Good, "*.yaml"),
        .. Directory.GetFiles(ProfileFolders.Shipped, "*.yaml"),
    ];

    public static TheoryData<string> Bad =>
        [.. Directory.GetFiles(ProfileFolders.Bad, "*.yaml").Where(f => !NoYaml.Contains(Name(f)))];

    [Fact]
    public void ShippedSchema_IsTheGeneratedOne() =>
        Assert.Equal(
            ProfileKeys.JsonSchema(),
            File.ReadAllText(Path.Combine(ProfileFolders.Shipped, "hardware-profile.schema.json")));

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Schema_AcceptsGoodFiles(string file) =>
        Assert.Equal([], Schema.Validate(Json(file)).Select(e => e.ToString()));

    [Theory]
    [MemberData(nameof(Bad))]
    public void Schema_RefusesBadFiles_UnlessBeyondIt(string file) =>
        Assert.Equal(BeyondASchema.Contains(Name(file)), Schema.Validate(Json(file)).Count == 0);

    [Fact]
    public void ShippedProfiles_StartWithTheEditorModeline() =>
        Assert.All(
            Directory.GetFiles(ProfileFolders.Shipped, "*.yaml"),
            f =>
                Assert.Equal(
                    "# yaml-language-server: $schema=./hardware-profile.schema.json",
                    File.ReadLines(f).First()));

    private static string Name(string file) => Path.GetFileNameWithoutExtension(file);

    /// <summary>
    /// As an editor reads YAML: plain scalars that look like numbers or booleans are.
    /// </summary>
    private static string Json(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(file)));
        return Token(stream.Documents[0].RootNode).ToString();
    }

    private static JToken Token(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new JObject(
                map.Children.Select(c => new JProperty(
                    ((YamlScalarNode)c.Key).Value!, Token(c.Value)))),
            YamlSequenceNode list => new JArray(list.Children.Select(Token)),
            YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar => Plain(
                scalar.Value!),
            YamlScalarNode scalar => new JValue(scalar.Value),
            _ => throw new ArgumentException(node.ToString()),
        };

    private static JToken Plain(string text) =>
        text.Length == 0 ? JValue.CreateNull()
        : text is "true" or "false" ? new JValue(text == "true")
        : long.TryParse(text, out long whole) ? new JValue(whole)
        : double.TryParse(text, out double real) ? new JValue(real)
        : new JValue(text);
}
