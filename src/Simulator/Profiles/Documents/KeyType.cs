using System.Collections.Immutable;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>What a key's value may be.</summary>
public abstract record KeyType
{
    /// <summary>The legal values in few words, as in <c>2..64</c>.</summary>
    public abstract string Supported { get; }
}

/// <summary>One of a few words.</summary>
/// <param name="Words">Legal spellings, in the order in which they are listed to users.</param>
public record WordType(ImmutableArray<string> Words) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => string.Join(", ", Words);

    /// <summary>The listed spelling of what was written, or null when it is none of them.</summary>
    public virtual string? Canonical(string text) => Words.Contains(text) ? text : null;
}

/// <summary>Words that the AMD, Siemens and SystemC libraries prefix with AP_, AC_ and SC_.</summary>
/// <param name="Words">Legal words, without prefix.</param>
public sealed record PrefixedWordType(ImmutableArray<string> Words) : WordType(Words)
{
    /// <inheritdoc/>
    public override string? Canonical(string text) =>
        base.Canonical(text.StartsWith("AP_", StringComparison.Ordinal)
            || text.StartsWith("AC_", StringComparison.Ordinal)
            || text.StartsWith("SC_", StringComparison.Ordinal) ? text[3..] : text);
}

/// <summary>A whole number, or one of a few words.</summary>
/// <param name="Min">Smallest.</param>
/// <param name="Max">Largest.</param>
/// <param name="Words">Words that are legal too.</param>
public sealed record IntegerType(long Min, long Max, params ImmutableArray<string> Words) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => string.Join(" or ", Words.Prepend($"{Min}..{Max}"));
}

/// <summary>A decimal number.</summary>
/// <param name="Above">It must be greater than this.</param>
/// <param name="Max">Largest.</param>
public sealed record NumberType(double Above, double Max) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => FormattableString.Invariant($"above {Above}, at most {Max}");
}

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed record BooleanType() : WordType(["true", "false"]);

/// <summary>Free text.</summary>
/// <param name="MaxLength">Most characters.</param>
/// <param name="IsName">True when only letters, digits and <c>. _ -</c> are legal.</param>
public sealed record TextType(int MaxLength, bool IsName = false) : KeyType
{
    /// <inheritdoc/>
    public override string Supported =>
        IsName ? $"1..{MaxLength} letters, digits, '.', '_', '-'" : $"text of 1..{MaxLength} characters";
}

/// <summary>A list.</summary>
/// <param name="Item">Type of every item.</param>
/// <param name="MaxItems">Most items.</param>
public sealed record ListType(KeyType Item, int MaxItems) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => $"a list of at most {MaxItems}";
}

/// <summary>A mapping.</summary>
/// <param name="Keys">Its keys, in the order of the documentation.</param>
public record MapType(ImmutableArray<KeySpec> Keys) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => string.Join(", ", Keys.Select(k => k.Name));

    /// <summary>How many keys must be there.</summary>
    public int LeastKeys { get; init; }

    /// <summary>How many keys may be there.</summary>
    public int MostKeys { get; init; } = int.MaxValue;

    /// <summary>The key of a name, or null.</summary>
    public KeySpec? Find(string name) => Keys.FirstOrDefault(k => k.Name == name || k.Alias == name);

    /// <summary>The type of a plain value in place of the mapping; null when there is none.</summary>
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
public sealed record ShorthandMapType(string Main, ImmutableArray<KeySpec> Keys) : MapType(Keys)
{
    /// <inheritdoc/>
    public override KeyType? Shorthand => Find(Main)!.Type;

    /// <inheritdoc/>
    public override MapNode? Expand(ScalarNode value, out string? error)
    {
        error = null;
        return new MapNode(value.Position, value.Path, [new(Main, value.Position, value)], IsWhole: true);
    }
}

/// <summary>A mapping, or a word that stands for not having one.</summary>
/// <param name="Word">The word.</param>
/// <param name="Map">The mapping.</param>
public sealed record WordOrMapType(string Word, MapType Map) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => $"{Word}, or {Map.Supported}";
}

/// <summary>A notation that stands for several keys of the mapping it is written in.</summary>
public abstract record NotationType : KeyType
{
    /// <summary>A regular expression that every legal notation matches.</summary>
    public abstract string Pattern { get; }

    /// <summary>The keys that it stands for, or null and the reason.</summary>
    public abstract MapNode? Parse(ScalarNode value, out string? error);
}

/// <summary>When a key means something.</summary>
/// <param name="Sibling">A key of the same mapping.</param>
/// <param name="Values">The values of it with which this key means something.</param>
public sealed record Condition(string Sibling, params ImmutableArray<string> Values);

/// <summary>One key: the single source for validation, documentation, hints and the JSON Schema.</summary>
/// <param name="Name">The key.</param>
/// <param name="Type">What its value may be.</param>
/// <param name="Summary">What it says, in one sentence.</param>
public sealed record KeySpec(string Name, KeyType Type, string Summary)
{
    /// <summary>The value that an absent key stands for; null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>The unit of a number, as in <c>bits</c>.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What silicon does, for the documentation.</summary>
    public string Silicon { get; init; } = "";

    /// <summary>Another spelling that is accepted.</summary>
    public string? Alias { get; init; }

    /// <summary>True when the resolved document must have it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True when every file must have it, a variant too.</summary>
    public bool IsRequiredInEveryFile { get; init; }

    /// <summary>When the key means something; null for always.</summary>
    public Condition? When { get; init; }

    /// <summary>Summary, unit and default in one line.</summary>
    public string Description => Summary
        + (Unit.Length > 0 ? $" Unit: {Unit}." : "")
        + (Default is { Length: > 0 } d ? $" Default: {d}." : "")
        + (When is { } w ? $" Needs {w.Sibling}: {string.Join(" or ", w.Values)}." : "");
}
