using System.Collections.Immutable;
using System.IO.Enumeration;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>Which layers one item of <c>layers</c> is about, and where it stands.</summary>
/// <param name="Index">Its number, the least specific first.</param>
/// <param name="Type">The layer type that it is about; null when it goes by name.</param>
/// <param name="Name">The name or glob; null when it goes by type.</param>
/// <param name="Match">Where it says so, for messages.</param>
/// <param name="Stages">The stages that it sets, and where each of them stands.</param>
internal sealed record OverrideRule(
    int Index, string? Type, string? Name, InputError Match,
    ImmutableArray<(string Stage, InputError At)> Stages)
{
    /// <summary>Whether it names layers by a pattern.</summary>
    public bool IsGlob => Name is not null && Name.AsSpan().ContainsAny('*', '?');

    /// <summary>Whether it is about a layer.</summary>
    public bool Matches(string kind, string name) =>
        Name is null ? kind == Type
        : IsGlob ? FileSystemName.MatchesSimpleExpression(Name, name, ignoreCase: false)
        : name == Name;

    /// <summary>Where it sets stages that none of some layer types has.</summary>
    public IEnumerable<InputError> WithoutEffect(IReadOnlyCollection<string> kinds) => Stages
        .Where(s => !kinds.Any(k => ProfileKeys.HasStage(k, s.Stage)))
        .Select(s => s.At);
}
