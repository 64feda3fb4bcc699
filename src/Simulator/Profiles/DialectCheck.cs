using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>
/// The families of types disagree about WRAP_SM, and about WRAP with saturation bits into an
/// unsigned format: there a type that the profile names must be of the dialect that the profile
/// runs.
/// </summary>
internal static class DialectCheck
{
    /// <summary>Checks every overflow mode below a node.</summary>
    public static void Check(DocumentNode? node, string dialect, List<InputError> errors)
    {
        if (node is ListNode list)
            foreach (DocumentNode item in list.Items)
                Check(item, dialect, errors);
        if (node is not MapNode map)
            return;
        if (map["overflow"] is ScalarNode { Prefix: { } prefix } overflow
            && Disagree(map, overflow.Text)
            && (prefix == "SC_") != (dialect == "systemc"))
        {
            string needed = prefix == "SC_" ? "systemc" : "ap";
            errors.Add(
                overflow.Error(
                    $"{prefix}{overflow.Text} means something else in dialect: {dialect}"
                        + $" (use dialect: {needed}, or leave the prefix out)"));
        }

        foreach (MapEntry entry in map.Entries) Check(entry.Value, dialect, errors);
    }

    private static bool Disagree(MapNode format, string overflow) =>
        overflow switch
        {
            "WRAP_SM" => true,
            "WRAP" => format.Text("saturation_bits") is not (null or "0")
                && format.Text("signed") != "true",
            _ => false,
        };
}
