using System.Collections.Immutable;
using System.Globalization;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>Laying normalized documents over each other.</summary>
public static class DocumentMerger
{
    /// <summary>
    /// Lays one value over another: mappings key by key, unless the upper one was written as a shorthand;
    /// lists one after the other, the lower one first; anything else is replaced.
    /// </summary>
    public static DocumentNode Merge(DocumentNode lower, DocumentNode upper) => (lower, upper) switch
    {
        (MapNode below, MapNode { IsWhole: false } above) => MergeMaps(below, above),
        (ListNode below, ListNode above) => above with { Items = below.Items.AddRange(above.Items) },
        _ => upper,
    };

    private static MapNode MergeMaps(MapNode lower, MapNode upper)
    {
        MapNode result = lower;
        foreach (MapEntry entry in upper.Entries)
        {
            DocumentNode? below = lower[entry.Key];
            result = result.With(entry.Key, below is null ? entry.Value : Merge(below, entry.Value));
        }

        return result with { Position = upper.Position, Path = upper.Path };
    }

    /// <summary>
    /// Lays a value over the place that a dotted key names, as in <c>mac.accumulator.bits</c> or
    /// <c>layers[0].weight.bits</c>.
    /// </summary>
    /// <param name="root">A normalized document.</param>
    /// <param name="type">Its type.</param>
    /// <param name="value">The value; its path is the dotted key.</param>
    /// <param name="errors">Collects what is wrong.</param>
    public static MapNode Set(MapNode root, MapType type, DocumentNode value, List<InputError> errors)
    {
        string[] steps = value.Path.Replace("[", ".[").Split('.');
        return (MapNode)SetAt(root, type, steps, value, errors);
    }

    private static DocumentNode SetAt(
        DocumentNode? node, KeyType type, ReadOnlySpan<string> steps, DocumentNode value, List<InputError> errors)
    {
        if (steps.IsEmpty)
        {
            DocumentNode normal = new DocumentValidator(errors).Normalize(value, type);
            return node is null ? normal : Merge(node, normal);
        }

        string step = steps[0];
        if (type is WordOrMapType either) (type, node) = (either.Map, node as MapNode);
        if (type is ListType list && node is ListNode items)
        {
            int index = IndexOf(step);
            if (index >= 0 && index < items.Items.Length)
            {
                DocumentNode item = SetAt(items.Items[index], list.Item, steps[1..], value, errors);
                return items with { Items = items.Items.SetItem(index, item) };
            }
        }

        if (type is not MapType map || map.Find(step) is not { } key)
        {
            errors.Add(value.Error(Unknown(step, type)));
            return node ?? new InvalidNode(value.Position, value.Path);
        }

        // A notation stands for its siblings: it is laid over the mapping that holds it.
        MapNode here = node as MapNode ?? new MapNode(value.Position, value.Path, []);
        if (key.Type is NotationType && steps.Length == 1)
        {
            MapNode wrapped = new(value.Position, value.Path, [new(step, value.Position, value)]);
            return Merge(here, new DocumentValidator(errors).Normalize(wrapped, map));
        }

        return here.With(key.Name, SetAt(here[key.Name], key.Type, steps[1..], value, errors));
    }

    private static int IndexOf(string step) =>
        step is ['[', .. var digits, ']']
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : -1;

    private static string Unknown(string step, KeyType type)
    {
        ImmutableArray<string> known = type is MapType map ? [.. map.Keys.Select(k => k.Name)] : [];
        return known.IsEmpty
            ? $"there is no '{step}' here"
            : $"unknown key '{step}'{Suggestion.Hint(step, known)} (supported: {string.Join(", ", known)})";
    }
}
