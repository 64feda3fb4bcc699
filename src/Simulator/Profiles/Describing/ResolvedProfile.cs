using System.Collections.Immutable;
using System.Text;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles.Describing;

/// <summary>One key of a profile with every default resolved.</summary>
/// <param name="Path">Dotted.</param>
/// <param name="Value">As a profile spells it.</param>
/// <param name="Origin">Where it is written; the mapping around it when it is a default.</param>
/// <param name="IsDefault">True when no file says it.</param>
internal sealed record ResolvedKey(
    string Path, string Value, SourcePosition Origin, bool IsDefault);

/// <summary>A profile with nothing left unsaid.</summary>
internal static class ResolvedProfile
{
    /// <summary>Every key that has an effect, in the order of the documentation.</summary>
    /// <param name="profile">The profile.</param>
    public static ImmutableArray<ResolvedKey> Keys(HardwareProfile profile)
    {
        var keys = ImmutableArray.CreateBuilder<ResolvedKey>();
        Flatten(Complete(profile), "", keys);
        return keys.ToImmutable();
    }

    /// <summary>
    /// The profile as YAML that extends nothing and leaves no default to the reader; reading it
    /// gives the same datapath.
    /// </summary>
    /// <param name="profile">The profile.</param>
    public static string Yaml(HardwareProfile profile)
    {
        var text = new StringBuilder();
        MapNode complete = Complete(profile);
        Write(
            complete with { Entries = complete.Entries.RemoveAll(e => e.Key == "extends") }, "",
            text);
        return text.ToString();
    }

    private static MapNode Complete(HardwareProfile profile)
    {
        MapNode resolved = ProfileResolver.Resolve(profile.Root, []);
        if (resolved["layers"] is not ListNode layers)
            return resolved;
        return resolved.With(
            "layers",
            layers with
            {
                Items =
                [.. layers.Items.Select(i => CompleteShorthands((MapNode)i, ProfileKeys.Override))],
            });
    }

    /// <summary>
    /// An override stays partial, but a shorthand in it replaces, and so must say everything.
    /// </summary>
    private static MapNode CompleteShorthands(MapNode map, MapType type)
    {
        foreach (MapEntry entry in map.Entries)
        {
            KeyType key = type.Find(entry.Key)!.Type;
            if (entry.Value is not MapNode below
                || ((key as WordOrMapType)?.Map ?? key) is not MapType belowType)
                continue;
            map = map.With(
                entry.Key,
                below.IsWhole
                    ? new DocumentResolver([]).Resolve(below, belowType)
                    : CompleteShorthands(below, belowType));
        }

        return map;
    }

    private static void Flatten(
        DocumentNode node, string path, ImmutableArray<ResolvedKey>.Builder keys)
    {
        switch (node)
        {
            case MapNode map:
                foreach (MapEntry entry in map.Entries)
                    Flatten(
                        entry.Value, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}", keys);
                break;
            case ListNode list:
                for (int i = 0; i < list.Items.Length; i++)
                    Flatten(list.Items[i], $"{path}[{i}]", keys);
                break;
            case ScalarNode scalar:
                keys.Add(new(path, scalar.Text, scalar.Position, scalar.IsDefault));
                break;
        }
    }

    private static void Write(MapNode map, string indent, StringBuilder text)
    {
        foreach (MapEntry entry in map.Entries)
        {
            text.Append(indent).Append(entry.Key).Append(':');
            switch (entry.Value)
            {
                case MapNode { Entries.IsEmpty: true }:
                    text.Append(" {}\n");
                    break;
                case ListNode { Items.IsEmpty: true }:
                    text.Append(" []\n");
                    break;
                case MapNode below:
                    text.Append('\n');
                    Write(below, indent + "  ", text);
                    break;
                case ListNode list:
                    text.Append('\n');
                    foreach (MapNode item in list.Items.Cast<MapNode>())
                    {
                        int start = text.Length;
                        Write(item, indent + "    ", text);
                        text[start + indent.Length + 2] = '-';
                    }

                    break;
                case ScalarNode scalar:
                    text.Append(' ').Append(Spell(scalar)).Append('\n');
                    break;
            }
        }
    }

    /// <summary>Words and numbers plain, anything else in double quotes.</summary>
    private static string Spell(ScalarNode scalar)
    {
        bool isPlain =
            scalar.IsPlain
            && scalar.Text.Length > 0
            && !char.IsPunctuation(scalar.Text[0])
            && scalar.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/');
        if (isPlain || (scalar.IsPlain && long.TryParse(scalar.Text, out _))) return scalar.Text;
        var quoted = new StringBuilder("\"");
        foreach (char c in scalar.Text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')
                quoted.Append($"\\u{(int)c:X4}");
            else
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
