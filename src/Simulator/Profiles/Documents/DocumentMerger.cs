using System.Globalization;
using System.Text.RegularExpressions;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>Laying normalized documents over each other.</summary>
internal static partial class DocumentMerger
{
    /// <summary>
    /// Lays one value over another: mappings key by key, unless the upper one was written as a
    /// shorthand; lists one after the other, the lower one first; anything else is replaced. A
    /// lower key that the upper value leaves without effect is dropped, as the calibration of a
    /// format whose binary point is now fixed.
    /// </summary>
    public static DocumentNode Merge(DocumentNode lower, DocumentNode upper, KeyType type) =>
        (lower, upper) switch
        {
            (MapNode below, MapNode { IsWhole: false } above) => MergeMaps(
                below, above, MapOf(type)),
            (ListNode below, ListNode above) => above with
            {
                Items = below.Items.AddRange(above.Items),
            },
            _ => upper,
        };

    /// <summary>
    /// Lays a value over the place that a dotted key names, as in <c>mac.accumulator.bits</c>,
    /// <c>layers[0].weight.bits</c> or <c>layers[type=dense].weight.bits</c>, with the checks and
    /// messages of a document that says it.
    /// </summary>
    /// <param name="root">A normalized document.</param>
    /// <param name="type">Its type.</param>
    /// <param name="value">The value; its path is the dotted key.</param>
    /// <param name="errors">Collects what is wrong.</param>
    public static MapNode Set(MapNode root, MapType type, ScalarNode value, List<InputError> errors)
    {
        if (MatchedItem().Match(value.Path) is { Success: true } matched)
            return SetMatched(root, type, value, matched, errors);
        if (ListItem().Match(value.Path) is not { Success: true } item)
            return (MapNode)Merge(root, Normalized(value.Path, value, "", type, errors), type);

        string name = item.Groups[1].Value;
        int index = int.Parse(item.Groups[2].Value, CultureInfo.InvariantCulture);
        if (root[name] is not ListNode list || type.Find(name)?.Type is not ListType listType
            || index >= list.Items.Length)
        {
            errors.Add(value.Error($"there is no {name}[{index}]"));
            return root;
        }

        string prefix = $"{name}[{index}]";
        DocumentNode upper = Normalized(item.Groups[3].Value, value, prefix, listType.Item, errors);
        DocumentNode merged = Merge(list.Items[index], upper, listType.Item);
        return root.With(name, list with { Items = list.Items.SetItem(index, merged) });
    }

    /// <summary>
    /// The same in the last item of a list that matches by one key and its value, or in a new one.
    /// </summary>
    private static MapNode SetMatched(
        MapNode root, MapType type, ScalarNode value, Match matched, List<InputError> errors)
    {
        (string name, string key, string of) = (
            matched.Groups[1].Value, matched.Groups[2].Value, matched.Groups[3].Value);
        if (type.Find(name)?.Type is not ListType listType)
        {
            errors.Add(value.Error($"there is no list '{name}'"));
            return root;
        }

        ListNode list = root[name] as ListNode ?? new(value.Position, name, []);
        int index = list.Items.Length - 1;
        while (index >= 0 && ((list.Items[index] as MapNode)?["match"] as MapNode)?.Text(key) != of)
            index--;
        string prefix = $"{name}[{(index < 0 ? list.Items.Length : index)}]";
        DocumentNode below = index >= 0
            ? list.Items[index]
            : Normalized(
                $"match.{key}", value with { Text = of, IsPlain = false }, prefix, listType.Item,
                errors);
        DocumentNode upper = Normalized(
            matched.Groups[4].Value, value, prefix, listType.Item, errors);
        DocumentNode merged = Merge(below, upper, listType.Item);
        return root.With(name, list with
        {
            Items = index < 0 ? list.Items.Add(merged) : list.Items.SetItem(index, merged),
        });
    }

    /// <summary>The document that says nothing but one dotted key.</summary>
    private static DocumentNode Normalized(
        string key, ScalarNode value, string prefix, KeyType type, List<InputError> errors)
    {
        string[] steps = key.Split('.');
        DocumentNode node = value;
        for (int i = steps.Length - 1; i >= 0; i--)
        {
            string path = string.Join('.', steps[..i].Prepend(prefix).Where(s => s.Length > 0));
            node = new MapNode(value.Position, path, [new(steps[i], value.Position, node)]);
        }

        return new DocumentValidator(errors).Normalize(node, type);
    }

    private static MapNode MergeMaps(MapNode lower, MapNode upper, MapType? type)
    {
        MapNode result = lower;
        foreach (MapEntry entry in upper.Entries)
        {
            DocumentNode? below = lower[entry.Key];
            KeyType? keyType = type?.Find(entry.Key)?.Type;
            result = result.With(entry.Key, below is null || keyType is null
                ? entry.Value
                : Merge(below, entry.Value, keyType));
        }

        result = type is null ? result : DropMoot(result, upper, type);
        return result with { Position = upper.Position, Path = upper.Path };
    }

    private static MapNode DropMoot(MapNode merged, MapNode upper, MapType type)
    {
        var decided = upper.Entries.Select(e => e.Key).ToHashSet();
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (MapEntry entry in merged.Entries)
            {
                if (type.Find(entry.Key)?.When is not { } when || upper[entry.Key] is not null)
                    continue;
                if (!decided.Contains(when.Sibling) || DocumentResolver.Holds(when, merged, type))
                    continue;
                merged = merged with { Entries = merged.Entries.Remove(entry) };
                decided.Add(entry.Key);
                changed = true;
            }
        }

        return merged;
    }

    private static MapType? MapOf(KeyType type) => type as MapType ?? (type as WordOrMapType)?.Map;

    [GeneratedRegex(
        @"^([a-z_]+)\[(type|name)=([^\]]{1,200})\]\.(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex MatchedItem();

    [GeneratedRegex(@"^([a-z_]+)\[([0-9]{1,4})\]\.(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex ListItem();
}
