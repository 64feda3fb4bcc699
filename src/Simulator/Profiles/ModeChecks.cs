using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>What goes together in one format, whichever stage has it.</summary>
internal static class ModeChecks
{
    /// <summary>Modes that a width or a sign rules out.</summary>
    public static void Modes(MapNode map, FixedFormat format, List<InputError> errors) =>
        Modes(map, format.TotalBits, format.IsSigned, errors);

    public static void Modes(
        MapNode map, int bits, bool isSigned, List<InputError> errors, int least = 1)
    {
        if (map.Text("overflow") == "WRAP_SM" && !isSigned)
            errors.Add(
                map["overflow"]!.Error(
                    "WRAP_SM is for signed formats (supported here: SAT, SAT_ZERO, WRAP)"));
        if (map["saturation_bits"] is ScalarNode { IsDefault: false } n && int.Parse(n.Text) > bits)
            errors.Add(n.Error($"{n.Text} is more than the format's {bits} bits"));
        if (bits == 64 && !isSigned)
            errors.Add(
                map["bits"]!.Error(
                    "64 is more than 63, the widest unsigned format (supported: "
                        + $"{least}..63, or 64 with signed: true)"));
    }
}
