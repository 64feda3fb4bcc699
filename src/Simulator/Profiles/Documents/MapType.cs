using System.Collections.Immutable;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>A mapping.</summary>
/// <param name="Keys">Its keys, in the order of the documentation.</param>
internal record MapType(ImmutableArray<KeySpec> Keys) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => string.Join(", ", Keys.Select(k => k.Name));

    /// <summary>How many keys must be there.</summary>
    public int LeastKeys { get; init; }

    /// <summary>How many keys may be there.</summary>
    public int MostKeys { get; init; } = int.MaxValue;

    /// <summary>The key of a name, or null.</summary>
    public KeySpec? Find(string name) =>
        Keys.FirstOrDefault(k => k.Name == name || k.Alias == name);

    /// <summary>A record with everything that a resolved mapping says put into it.</summary>
    /// <typeparam name="T">The record that the mapping's keys set.</typeparam>
    /// <param name="blank">Where to start: every key that matters is in the mapping.</param>
    /// <param name="map">The mapping.</param>
    internal T Bind<T>(T blank, MapNode map)
        where T : class
    {
        object bound = blank;
        foreach (MapEntry entry in map.Entries)
        {
            Func<object, DocumentNode, object> set = Find(entry.Key)?.Set
                ?? throw new InvalidOperationException($"{entry.Value.Path} sets nothing");
            bound = set(bound, entry.Value);
        }

        return (T)bound;
    }

    /// <summary>
    /// The type of a plain value in place of the mapping; null when there is none.
    /// </summary>
    public virtual KeyType? Shorthand => null;

    /// <summary>What a plain value in place of the mapping means; null when nothing.</summary>
    /// <param name="value">The value.</param>
    /// <param name="error">Why it is refused, when null is returned.</param>
    public virtual MapNode? Expand(ScalarNode value, out string? error)
    {
        error = $"{value.Found} where a mapping is needed (supported: {Supported})";
        return null;
    }
}

/// <summary>A mapping with a shorthand: the value of its main key alone.</summary>
/// <param name="Main">The key that the shorthand sets.</param>
/// <param name="Keys">The keys.</param>
internal sealed record ShorthandMapType(string Main, ImmutableArray<KeySpec> Keys) : MapType(Keys)
{
    /// <inheritdoc/>
    public override KeyType? Shorthand => Find(Main)!.Type;

    /// <inheritdoc/>
    public override MapNode? Expand(ScalarNode value, out string? error)
    {
        error = null;
        return new MapNode(
            value.Position, value.Path, [new(Main, value.Position, value)], IsWhole: true);
    }
}

/// <summary>A mapping, or a word that stands for not having one.</summary>
/// <param name="Word">The word.</param>
/// <param name="Map">The mapping.</param>
internal sealed record WordOrMapType(string Word, MapType Map) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => $"{Word}, or {Map.Supported}";
}
