using System.Collections.Immutable;
using System.IO.Enumeration;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>One item of <c>layers</c>: stages for the layers that match.</summary>
internal sealed class LayerOverride
{
    private readonly string? _type;
    private readonly string? _name;

    private LayerOverride(MapNode item)
    {
        var match = (MapNode)item["match"]!;
        _type = match.Text("type");
        _name = match.Text("name");
        Item = item;
        Stages = item with { Entries = [.. item.Entries.Where(e => e.Key != "match")] };
    }

    /// <summary>As it is written.</summary>
    public MapNode Item { get; }

    /// <summary>The stages that it sets.</summary>
    public MapNode Stages { get; }

    /// <summary>True when it names layers, by name or glob; false when it names a type.</summary>
    public bool IsByName => _name is not null;

    /// <summary>The layer type that it is about; null when it goes by name.</summary>
    public string? Type => _type;

    /// <summary>The name or glob; null when it goes by type.</summary>
    public string? Name => _name;

    private bool IsGlob => _name is not null && _name.AsSpan().ContainsAny('*', '?');

    private int Specificity => _name is null ? 0 : IsGlob ? 1 : 2;

    /// <summary>
    /// Every override of a profile, the least specific first, ties in file order.
    /// </summary>
    public static ImmutableArray<LayerOverride> All(MapNode root, List<InputError> errors)
    {
        var result = new List<LayerOverride>();
        foreach (MapNode item in (root["layers"] as ListNode)?.Items.OfType<MapNode>() ?? [])
        {
            if (item["match"] is not MapNode match
                || match["type"] is null == match["name"] is null)
                errors.Add(
                    (item["match"] ?? item).Error(
                        "needs either a type or a name (supported: type, name)"));
            else if (item.Entries.Length == 1)
                errors.Add(item.Error("overrides nothing"));
            else
                result.Add(new(item));
        }

        foreach (LayerOverride o in result.Where(o => o.Type is not null))
        foreach (MapEntry e in o.Stages.Entries.Where(e =>
            !ProfileKeys.StagesOfType[o.Type!].Contains(e.Key)))
            errors.Add(
                e.Value.Error(
                    $"has no effect on {o.Type} layers"
                        + $" (supported: {string.Join(", ", ProfileKeys.StagesOfType[o.Type!])})"));

        return [.. result.OrderBy(o => o.Specificity)];
    }

    /// <summary>Whether it is about a layer.</summary>
    public bool Matches(string kind, string name) =>
        _name is null ? kind == _type
        : IsGlob ? FileSystemName.MatchesSimpleExpression(_name, name, ignoreCase: false)
        : name == _name;
}
