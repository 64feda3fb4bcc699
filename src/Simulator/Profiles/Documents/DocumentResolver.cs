namespace QSim.Simulator.Profiles.Documents;

/// <summary>
/// Makes a normalized document complete: every default written out, nothing without effect left in.
/// </summary>
internal sealed class DocumentResolver(List<InputError> errors)
{
    /// <summary>
    /// The mapping with every default that means something beside what is written.
    /// </summary>
    public MapNode Resolve(MapNode map, MapType type)
    {
        MapNode result = map with { Entries = [] };
        foreach (KeySpec key in type.Keys)
        {
            DocumentNode? written = map[key.Name];
            if (Excluded(key, type, map) is { } reason)
            {
                if (written is not null and not InvalidNode) errors.Add(written.Error(reason));
            }
            else if (written is not null)
            {
                result = result.With(key.Name, ResolveValue(written, key.Type));
            }
            else if (key.IsRequired)
            {
                errors.Add(DocumentValidator.Missing(map, key));
            }
            else if (key.Default is { } fallback)
            {
                result = result.With(key.Name, Default(map, key, fallback));
            }
        }

        return result;
    }

    /// <summary>The value that a key has in a mapping: written, or its default.</summary>
    public static string? Value(MapNode map, MapType type, string key) => map[key] switch
    {
        ScalarNode scalar => scalar.Text,
        null => type.Find(key)?.Default,
        _ => null,
    };

    private DocumentNode ResolveValue(DocumentNode written, KeyType type) => (written, type) switch
    {
        (MapNode map, MapType mapType) => Resolve(map, mapType),
        (MapNode map, WordOrMapType either) => Resolve(map, either.Map),
        _ => written,
    };

    private DocumentNode Default(MapNode map, KeySpec key, string fallback) =>
        key.Type is MapType type
            ? Resolve(Empty(map, key), type)
            : new ScalarNode(map.Position, map.PathOf(key.Name), fallback, IsDefault: true);

    private static MapNode Empty(MapNode map, KeySpec key) =>
        new(map.Position, map.PathOf(key.Name), []);

    /// <summary>Whether a condition holds in a mapping.</summary>
    public static bool Holds(Condition when, MapNode map, MapType type) =>
        map[when.Sibling] is InvalidNode
        || (Value(map, type, when.Sibling) is { } value && when.Values.Contains(value));

    private static string? Excluded(KeySpec key, MapType type, MapNode map)
    {
        if (key.When is not { } when || Holds(when, map, type)) return null;
        return $"has no effect with {when.Sibling}: {Value(map, type, when.Sibling)}"
            + $" (it needs {when.Sibling}: {string.Join(" or ", when.Values)})";
    }
}
