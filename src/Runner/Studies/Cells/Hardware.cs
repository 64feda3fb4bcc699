using System.Text;
using QSim.Runner.Data;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Studies.Cells;

/// <summary>What a profile's hardware is known by.</summary>
internal static class Hardware
{
    private static readonly string[] Prose = ["schema", "name", "summary", "source", "extends"];

    /// <summary>Whether a key decides about a bit, unlike names and texts.</summary>
    public static bool Decides(string path) => !Prose.Contains(path);

    /// <summary>
    /// Of every key that decides about a bit, each default written out: the same for two profiles
    /// that say the same in other words.
    /// </summary>
    public static string Sha256(HardwareProfile profile) =>
        Digest.Of(
            Encoding.UTF8.GetBytes(
                string.Concat(
                    ResolvedProfile
                        .Keys(profile)
                        .Where(k => Decides(k.Path))
                        .Select(k => $"{k.Path}={k.Value}\n"))));
}
