using System.Collections.Immutable;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>When a key means something.</summary>
/// <param name="Sibling">A key of the same mapping.</param>
/// <param name="Values">The values of it with which this key means something.</param>
internal sealed record Condition(string Sibling, params ImmutableArray<string> Values);

/// <summary>
/// One key: the single source for validation, documentation, hints and the JSON Schema.
/// </summary>
/// <param name="Name">The key.</param>
/// <param name="Type">What its value may be.</param>
/// <param name="Summary">What it says, in one sentence.</param>
internal sealed record KeySpec(string Name, KeyType Type, string Summary)
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

    /// <summary>
    /// The record that a mapping describes, with what this key says put into it; null for keys that
    /// say nothing about hardware. Made by <see cref="Keys.Key"/>, which knows the types.
    /// </summary>
    internal Func<object, DocumentNode, object>? Set { get; init; }

    /// <summary>Summary, unit and default in one line.</summary>
    public string Description => Summary
        + (Unit.Length > 0 ? $" Unit: {Unit}." : "")
        + (Default is { Length: > 0 } d ? $" Default: {d}." : "")
        + (When is { } w ? $" Needs {w.Sibling}: {string.Join(" or ", w.Values)}." : "");
}
