using System.Text;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles.Describing;

/// <summary>
/// The profile to start from: complete, legal, and every key explained where it stands.
/// </summary>
internal static class StarterProfile
{
    private const string Essentials = """
        # The network's input: pixels in [0, 1] as unsigned 8-bit integers, scale chosen from data.
        input: uint8
        # A notation (int8, ap_fixed<16,6,AP_RND_CONV,AP_SAT>, ac_fixed<8,4,true,AC_RND>) or a mapping.
        weight: {bits: 8, narrow_range: true}
        activation: {bits: 8, signed: auto}
        mac:
          accumulator: {bits: 24, overflow: SAT}
        requantize: {kind: shift, rounding: RND_CONV}
        # The logits; what is left out is as in activation.
        output: {bits: 16, signed: true}
        # Overrides: a name beats a glob, a glob beats a type, the later of two equals wins.
        # layers:
        #   - match: {type: dense}
        #     mac: {accumulator: {bits: 32}}
        #   - match: {name: "conv*"}
        #     weight: {bits: 4}
        """;

    /// <summary>Its YAML.</summary>
    /// <param name="name">The new profile's name.</param>
    public static string Yaml(string name)
    {
        var text = new StringBuilder();
        text.Append("# yaml-language-server: $schema=./hardware-profile.schema.json\n");
        text.Append(
            $"schema: {ProfileKeys.Schema}\nname: {name}\nsummary: What it is, in one line\n");
        text.Append("# source: where its facts come from, and which values are your choice\n");
        text.Append(Essentials.ReplaceLineEndings("\n")).Append("\n\n");
        text.Append("# Every key, its default and its legal values:\n");
        Explain(ProfileKeys.Root, "", text, []);
        return text.ToString();
    }

    private static void Explain(MapType map, string path, StringBuilder text, HashSet<MapType> seen)
    {
        foreach (KeySpec key in map.Keys.Where(k => k.Name != "layers"))
        {
            string dotted = path + key.Name;
            MapType? below = key.Type as MapType ?? (key.Type as WordOrMapType)?.Map;
            bool again = below is not null && !seen.Add(below);
            text.Append($"#   {dotted}: {key.Description}");
            if (below is null) text.Append($" Legal: {key.Type.Supported}.");
            else if (again) text.Append(" Keys as above.");
            text.Append('\n');
            if (below is not null && !again) Explain(below, dotted + ".", text, seen);
        }
    }
}
