using System.Text;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>
/// The reference of every key, as Markdown: the part of hardware-profiles/README.md that a test
/// keeps.
/// </summary>
internal static class ProfileReference
{
    /// <summary>One table per mapping, from the key table.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        var seen = new Dictionary<MapType, string>(ReferenceEqualityComparer.Instance);
        Section(ProfileKeys.Root, "", text, seen);
        return text.ToString();
    }

    /// <summary>The shipped profiles and what they are, as a Markdown table.</summary>
    public static string Shipped()
    {
        var text = new StringBuilder("| profile | what it is |\n|---|---|\n");
        foreach (string name in ShippedProfiles.Names)
            text.Append($"| [{name}]({name}.yaml) | {Cell(ProfileReader.Read(name).Summary)} |\n");
        return text.ToString();
    }

    private static void Section(
        MapType map, string path, StringBuilder text, Dictionary<MapType, string> seen)
    {
        seen[map] = path;
        text.Append(path.Length == 0 ? "### The profile\n\n" : $"### `{path}`\n\n");
        text.Append(
            "| key | legal | default | what it says | what silicon does |\n|---|---|---|---|---|\n"
        );
        foreach (KeySpec key in map.Keys)
            text.Append(Row(key));
        text.Append('\n');
        foreach (KeySpec key in map.Keys)
        {
            string below = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            if (MapOf(key.Type) is not { } type)
                continue;
            if (seen.TryGetValue(type, out string? before))
                text.Append($"### `{below}`\n\nThe keys of `{before}`.\n\n");
            else
                Section(type, key.Type is ListType ? below + "[]" : below, text, seen);
        }
    }

    private static MapType? MapOf(KeyType type) => type switch
    {
        MapType map => map,
        WordOrMapType either => either.Map,
        // Overrides hold the profile's own stages: their keys are the profile's, but for match.
        ListType { Item: MapType item } => item with { Keys = [item.Keys[0]] },
        _ => null,
    };

    private static string Row(KeySpec key)
    {
        string name = $"`{key.Name}`" + (key.Alias is null ? "" : $" or `{key.Alias}`");
        string fallback =
            key.IsRequired ? "required"
            : key.Default is { Length: > 0 } d ? $"`{d}`"
            : "";
        string unit = key.Unit.Length > 0 ? $" ({key.Unit})" : "";
        string needs = key.When is { } when
            ? $" Only with `{when.Sibling}: {string.Join("` or `", when.Values)}`." : "";
        return $"| {name} | {Cell(Legal(key.Type))}{unit} | {fallback} | "
            + $"{Cell(key.Summary)}{needs} | {Cell(key.Silicon)} |\n";
    }

    private static string Legal(KeyType type) =>
        type switch
        {
            NotationType or ListType => type.Supported,
            ShorthandMapType shorthand => $"the value of `{shorthand.Main}`, or a mapping",
            MapType { Shorthand: not null } => "a notation, or a mapping",
            MapType => "a mapping",
            WordOrMapType { Map.Shorthand: not null } either =>
                $"`{either.Word}`, a notation, or a mapping",
            WordOrMapType either => $"`{either.Word}`, or a mapping",
            WordType words => string.Join(", ", words.Words.Select(w => $"`{w}`")),
            _ => type.Supported,
        };

    private static string Cell(string text) => text.Replace("|", "\\|").Replace("<", "&lt;");
}
