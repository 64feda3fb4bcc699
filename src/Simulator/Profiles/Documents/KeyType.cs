using System.Collections.Immutable;
using System.Globalization;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>What a key's value may be.</summary>
internal abstract record KeyType
{
    /// <summary>The legal values in few words, as in <c>2..64</c>.</summary>
    public abstract string Supported { get; }
}

/// <summary>One of a few words.</summary>
/// <param name="Words">Legal spellings, in the order in which they are listed to users.</param>
internal record WordType(ImmutableArray<string> Words) : KeyType
{
    /// <inheritdoc/>
    public override string Supported => string.Join(", ", Words);

    /// <summary>The listed spelling of what was written, or null when it is none of them.</summary>
    public virtual string? Canonical(string text) => Words.Contains(text) ? text : null;
}

/// <summary>
/// Words that the AMD, Siemens and SystemC libraries prefix with AP_, AC_ and SC_.
/// </summary>
/// <param name="Words">Legal words, without prefix.</param>
internal record PrefixedWordType(ImmutableArray<string> Words) : WordType(Words)
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
internal record IntegerType(long Min, long Max, params ImmutableArray<string> Words)
    : KeyType, IValueType<int>
{
    /// <inheritdoc/>
    public override string Supported => string.Join(" or ", Words.Prepend($"{Min}..{Max}"));

    /// <inheritdoc/>
    public int Value(ScalarNode node) => int.Parse(node.Text, CultureInfo.InvariantCulture);
}

/// <summary>A decimal number.</summary>
/// <param name="Above">It must be greater than this.</param>
/// <param name="Max">Largest.</param>
internal sealed record NumberType(double Above, double Max) : KeyType, IValueType<double>
{
    /// <inheritdoc/>
    public override string Supported =>
        FormattableString.Invariant($"above {Above}, at most {Max}");

    /// <inheritdoc/>
    public double Value(ScalarNode node) => double.Parse(node.Text, CultureInfo.InvariantCulture);
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed record BooleanType() : WordType(["true", "false"]), IValueType<bool>
{
    /// <inheritdoc/>
    public bool Value(ScalarNode node) => node.Text == "true";
}

/// <summary>Free text.</summary>
/// <param name="MaxLength">Most characters.</param>
/// <param name="IsName">True when only letters, digits and <c>. _ -</c> are legal.</param>
internal sealed record TextType(int MaxLength, bool IsName = false) : KeyType, IValueType<string>
{
    /// <inheritdoc/>
    public string Value(ScalarNode node) => node.Text;

    /// <inheritdoc/>
    public override string Supported =>
        IsName
            ? $"1..{MaxLength} letters, digits, '.', '_', '-'"
            : $"text of 1..{MaxLength} characters";
}

/// <summary>A list.</summary>
/// <param name="Item">Type of every item.</param>
/// <param name="MaxItems">Most items.</param>
internal sealed record ListType(KeyType Item, int MaxItems) : KeyType
{
    /// <summary>Whether one value alone, without brackets, is a list of it.</summary>
    public bool TakesOne { get; init; }

    /// <inheritdoc/>
    public override string Supported =>
        $"{(TakesOne ? "one value, or " : "")}a list of at most {MaxItems}";
}

/// <summary>A notation that stands for several keys of the mapping it is written in.</summary>
internal abstract record NotationType : KeyType
{
    /// <summary>A regular expression that every legal notation matches.</summary>
    public abstract string Pattern { get; }

    /// <summary>The keys that it stands for, or null and the reason.</summary>
    public abstract MapNode? Parse(ScalarNode value, out string? error);
}
