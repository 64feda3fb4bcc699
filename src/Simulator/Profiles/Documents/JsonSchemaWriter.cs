using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>A draft-07 JSON Schema from a key table, for editors.</summary>
/// <remarks>
/// A schema sees one file: which keys mean something beside which others, and what a variant
/// inherits, is for the reader to say.
/// </remarks>
internal sealed class JsonSchemaWriter
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    private readonly Dictionary<KeyType, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly JsonObject _definitions = [];

    private JsonSchemaWriter() { }

    /// <summary>The schema's text.</summary>
    /// <param name="root">The key table.</param>
    /// <param name="title">What the documents are.</param>
    /// <param name="partialWith">
    /// A key whose presence makes required keys optional: <c>extends</c>.
    /// </param>
    public static string Write(MapType root, string title, string partialWith)
    {
        var writer = new JsonSchemaWriter();
        JsonObject schema = new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = title,
        };
        foreach ((string name, JsonNode? value) in writer.Map(root).ToArray())
            schema[name] = value?.DeepClone();
        schema["required"] = Names(root.Keys.Where(k => k.IsRequiredInEveryFile));
        schema["anyOf"] = new JsonArray(
            new JsonObject { ["required"] = new JsonArray(partialWith) }, Complete(root));
        schema["definitions"] = writer._definitions;
        return schema.ToJsonString(Layout) + "\n";
    }

    private static JsonArray Names(IEnumerable<KeySpec> keys) =>
        [.. keys.Select(k => JsonValue.Create(k.Name))];

    /// <summary>What must be there in a document that inherits nothing.</summary>
    private static JsonObject Complete(MapType map)
    {
        KeySpec[] required = [.. map.Keys.Where(k => k.IsRequired)];
        var schema = new JsonObject { ["required"] = Names(required) };
        var below = new JsonObject();
        foreach (KeySpec key in required)
            if (key.Type is MapType type)
                below[key.Name] = Complete(type);
        if (below.Count > 0)
            schema["properties"] = below;
        KeySpec? notation = map.Keys.FirstOrDefault(k => k.Type is NotationType);
        if (notation is null)
            return schema;
        return new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "string" }, schema,
                new JsonObject { ["required"] = Names([notation]) }),
        };
    }

    private JsonObject Of(KeyType type, string name) =>
        type switch
        {
            MapType map => Reference(map, name),
            WordOrMapType either => AnyOf(Words([either.Word]), Reference(either.Map, name)),
            ListType { TakesOne: true } list => AnyOf(
                Of(list.Item, name), Of(list with { TakesOne = false }, name)),
            ListType list => new()
            {
                ["type"] = "array",
                ["maxItems"] = list.MaxItems,
                ["items"] = list.Item is MapType item
                    ? new JsonObject
                    {
                        ["allOf"] = new JsonArray(Of(item, name + "_item"), Complete(item)),
                    }
                    : Of(list.Item, name + "_item"),
            },
            NotationType notation => new() { ["type"] = "string", ["pattern"] = notation.Pattern },
            IntegerType { Words.IsEmpty: true } integer => Integer(integer),
            IntegerType integer => AnyOf(Integer(integer), Words(integer.Words)),
            NumberType number => new()
            {
                ["type"] = "number",
                ["exclusiveMinimum"] = number.Above,
                ["maximum"] = number.Max,
            },
            PrefixedWordType words => AnyOf(
                Words(words.Words),
                new()
                {
                    ["type"] = "string",
                    ["pattern"] = $"^(AP_|AC_|SC_)({string.Join('|', words.Words)})$",
                }),
            WordType words => Words(words.Words),
            TextType text => Text(text),
            _ => throw new ArgumentException($"no schema for {type}"),
        };

    private JsonObject Reference(MapType map, string name)
    {
        if (!_names.TryGetValue(map, out string? definition))
        {
            definition = _definitions.ContainsKey(name) ? $"{name}_{_definitions.Count}" : name;
            _names[map] = definition;
            _definitions[definition] = new JsonObject();
            _definitions[definition] = MapOrShorthand(map, name);
        }

        return new() { ["$ref"] = $"#/definitions/{definition}" };
    }

    private JsonObject MapOrShorthand(MapType map, string name) =>
        map.Shorthand is { } shorthand ? AnyOf(Of(shorthand, name), Map(map)) : Map(map);

    private JsonObject Map(MapType map)
    {
        var properties = new JsonObject();
        foreach (KeySpec key in map.Keys)
        {
            properties[key.Name] = Described(key);
            if (key.Alias is not null)
                properties[key.Alias] = Described(key);
        }

        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        if (map.LeastKeys > 0)
            schema["minProperties"] = map.LeastKeys;
        if (map.MostKeys < map.Keys.Length)
            schema["maxProperties"] = map.MostKeys;
        return schema;
    }

    private JsonObject Described(KeySpec key)
    {
        JsonObject schema = Of(key.Type, key.Name);
        // Draft-07 ignores whatever stands beside $ref.
        if (schema.ContainsKey("$ref"))
            schema = new() { ["allOf"] = new JsonArray(schema) };
        schema["description"] = key.Description;
        return schema;
    }

    private static JsonObject AnyOf(JsonObject a, JsonObject b) =>
        new() { ["anyOf"] = new JsonArray(a, b) };

    private static JsonObject Integer(IntegerType type) =>
        new()
        {
            ["type"] = "integer",
            ["minimum"] = type.Min,
            ["maximum"] = type.Max,
        };

    private static JsonObject Words(IEnumerable<string> words) =>
        new()
        {
            ["enum"] = new JsonArray([
                .. words.Select(w =>
                    w switch
                    {
                        "true" => JsonValue.Create(true),
                        "false" => JsonValue.Create(false),
                        _ => (JsonNode)JsonValue.Create(w),
                    }),
            ]),
        };

    private static JsonObject Text(TextType text) =>
        new()
        {
            ["type"] = "string",
            ["minLength"] = 1,
            ["maxLength"] = text.MaxLength,
            ["pattern"] = text.IsName ? "^[A-Za-z0-9._-]+$" : @"\S",
        };
}
