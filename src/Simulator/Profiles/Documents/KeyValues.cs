using System.Collections.Immutable;
using System.Globalization;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>A type whose legal spellings each mean one value.</summary>
/// <typeparam name="T">What they mean.</typeparam>
internal interface IValueType<out T>
{
    /// <summary>What a validated node means.</summary>
    T Value(ScalarNode node);
}

/// <summary>Words, and what each of them means.</summary>
/// <typeparam name="T">What they mean.</typeparam>
/// <param name="Rows">In the order in which they are listed to users.</param>
internal sealed record WordType<T>(params ImmutableArray<(string Word, T Value)> Rows)
    : WordType([.. Rows.Select(r => r.Word)]), IValueType<T>
{
    /// <inheritdoc/>
    public T Value(ScalarNode node) => Rows.Single(r => r.Word == node.Text).Value;
}

/// <summary>The same for words that may have a prefix.</summary>
/// <typeparam name="T">What they mean.</typeparam>
/// <param name="Rows">In the order in which they are listed to users.</param>
internal sealed record PrefixedWordType<T>(params ImmutableArray<(string Word, T Value)> Rows)
    : PrefixedWordType([.. Rows.Select(r => r.Word)]), IValueType<T>
{
    /// <inheritdoc/>
    public T Value(ScalarNode node) => Rows.Single(r => r.Word == node.Text).Value;
}

/// <summary>A whole number, or words that stand for one or for none.</summary>
/// <param name="Min">Smallest.</param>
/// <param name="Max">Largest.</param>
/// <param name="Rows">The words.</param>
internal sealed record IntegerOrWordType(
    long Min, long Max, params ImmutableArray<(string Word, int? Value)> Rows)
    : IntegerType(Min, Max, [.. Rows.Select(r => r.Word)]), IValueType<int?>
{
    /// <inheritdoc/>
    int? IValueType<int?>.Value(ScalarNode node) =>
        Words.Contains(node.Text)
            ? Rows.Single(r => r.Word == node.Text).Value
            : int.Parse(node.Text, CultureInfo.InvariantCulture);
}
