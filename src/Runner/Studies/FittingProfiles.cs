using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Studies;

/// <summary>
/// For errors of files of ready-made integers: which shipped profiles have room for them.
/// </summary>
internal static class FittingProfiles
{
    /// <summary>As many as a line has room for.</summary>
    private const int Most = 8;

    /// <summary>Whether a network is such a file's.</summary>
    public static bool AreAskedFor(FloatNetwork network) =>
        network.Layers.Any(l => OwnWeights.Of(l)?.Declared is not null);

    /// <summary>The same error, and what fits.</summary>
    public static InputException NamedIn(
        InputException error, FloatNetwork network, CalibrationSet calibration)
    {
        string[] fitting =
            [.. ShippedProfiles.Names.Where(name => Fits(network, name, calibration))];
        string names = string.Join(", ", fitting.Take(Most))
            + (fitting.Length > Most ? ", ..." : "");
        string which = fitting.Length == 0
            ? "no shipped profile has room for this file"
            : $"this file fits {names}";
        InputError first = error.Errors[0];
        return new(error.Errors.Skip(1).Prepend(first with
        {
            Message = $"{first.Message} ({which}; its values are those of the profile that it was "
                + "exported for)",
        }));
    }

    private static bool Fits(FloatNetwork network, string profile, CalibrationSet calibration)
    {
        try
        {
            Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read(profile)), calibration);
            return true;
        }
        catch (Exception e) when (e is InputException or QuantizationException)
        {
            return false;
        }
    }
}
