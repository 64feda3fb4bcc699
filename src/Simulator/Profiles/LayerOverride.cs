using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>One item of <c>layers</c> as it is written.</summary>
/// <param name="Rule">Which layers it is about.</param>
/// <param name="Stages">The stages that it sets.</param>
internal sealed record LayerOverride(OverrideRule Rule, MapNode Stages)
{
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
                result.Add(Of(item, match));
        }

        foreach (LayerOverride o in result.Where(o => o.Rule.Type is not null))
        {
            string type = o.Rule.Type!;
            errors.AddRange(o.Rule.WithoutEffect([type]).Select(at => at with
            {
                Message = $"has no effect on {type} layers"
                    + $" (supported: {string.Join(", ", ProfileKeys.StagesOfType[type])})",
            }));
        }

        return
        [
            .. result
                .OrderBy(o => o.Rule.Name is null ? 0 : o.Rule.IsGlob ? 1 : 2)
                .Select((o, index) => o with { Rule = o.Rule with { Index = index } }),
        ];
    }

    private static LayerOverride Of(MapNode item, MapNode match)
    {
        MapNode stages = item with { Entries = [.. item.Entries.Where(e => e.Key != "match")] };
        return new(
            new(
                0, match.Text("type"), match.Text("name"), match.Error(""),
                [.. stages.Entries.Select(e => (e.Key, e.Value.Error("")))]),
            stages);
    }
}
