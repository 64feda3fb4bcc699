using System.Text;
using System.Text.RegularExpressions;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Search;

/// <summary>A design as a profile of its own, which <c>qsim run</c> takes.</summary>
internal static partial class DesignProfile
{
    /// <summary>The YAML.</summary>
    /// <param name="name">The profile's name.</param>
    /// <param name="start">What it extends: a shipped profile, or a file beside it.</param>
    /// <param name="summary">A line about it.</param>
    /// <param name="point">What it sets.</param>
    public static string Of(
        string name, string start, string summary, IReadOnlyList<SweepSetting> point)
    {
        var root = new Branch();
        var layers = new List<(string Kind, string Name, Branch Keys)>();
        foreach (SweepSetting setting in point)
        {
            Match layer = LayerKey().Match(setting.Key);
            if (!layer.Success)
            {
                root.Set(setting.Key.Split('.'), setting.Value);
                continue;
            }

            (string kind, string of) = (layer.Groups[1].Value, layer.Groups[2].Value);
            int at = layers.FindIndex(l => l.Kind == kind && l.Name == of);
            if (at < 0) layers.Add((kind, of, new()));
            layers[at < 0 ? ^1 : at].Keys.Set(layer.Groups[3].Value.Split('.'), setting.Value);
        }

        var text = new StringBuilder("schema: qsim/hardware-profile/1\n");
        text.Append($"extends: {Quoted(start)}\nname: {name}\nsummary: {Quoted(summary)}\n");
        root.Write(text, 0);
        if (layers.Count > 0) text.Append("layers:\n");
        foreach ((string kind, string of, Branch keys) in layers)
        {
            text.Append($"  - match: {{{kind}: {Quoted(of)}}}\n");
            keys.Write(text, 2);
        }

        return text.ToString();
    }

    /// <summary>A value as YAML has it: in quotes unless it is a plain word or number.</summary>
    private static string Quoted(string value) => Plain().IsMatch(value)
        ? value
        : $"'{value.Replace("'", "''")}'";

    [GeneratedRegex(@"^layers\[(type|name)=([^\]]+)\]\.(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex LayerKey();

    [GeneratedRegex(@"^-?[A-Za-z0-9_][A-Za-z0-9_.+/-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    /// <summary>Keys below a key.</summary>
    private sealed class Branch
    {
        private readonly Dictionary<string, object> _entries = [];

        public void Set(ReadOnlySpan<string> path, string value)
        {
            if (path.Length == 1)
            {
                _entries[path[0]] = value;
                return;
            }

            if (!_entries.TryGetValue(path[0], out object? below) || below is not Branch)
                _entries[path[0]] = below = new Branch();
            ((Branch)below).Set(path[1..], value);
        }

        public void Write(StringBuilder text, int depth)
        {
            foreach ((string key, object value) in _entries)
            {
                text.Append(' ', 2 * depth).Append(key).Append(':');
                if (value is Branch branch) branch.Write(text.Append('\n'), depth + 1);
                else text.Append(' ').Append(Quoted((string)value)).Append('\n');
            }
        }
    }
}
