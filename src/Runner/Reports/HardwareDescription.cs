using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Reports;

/// <summary>
/// What the profiles of a study say, so that a report needs none of their files:
/// <c>hardware.json</c> in a run's folder.
/// </summary>
internal sealed record HardwareDescription
{
    /// <summary>The file's name.</summary>
    public const string FileName = "hardware.json";

    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/hardware/1";

    /// <summary>Keys that every profile has with the same value, defaults among them.</summary>
    public required IReadOnlyList<DescribedKey> Shared { get; init; }

    /// <summary>The profiles, each with the keys in which it differs from some other.</summary>
    public required IReadOnlyList<DescribedProfile> Profiles { get; init; }

    /// <summary>Of a study's profiles.</summary>
    public static HardwareDescription Of(IReadOnlyList<StudyProfile> profiles)
    {
        DescribedKey[][] keys =
        [
            .. profiles.Select(p =>
                ResolvedProfile
                    .Keys(p.Profile)
                    .Where(k => Hardware.Decides(k.Path))
                    .Select(k => new DescribedKey(k.Path, k.Value))
                    .ToArray()),
        ];
        HashSet<DescribedKey> shared =
            [.. keys.Length == 0 ? [] : keys[0].Where(k => keys.All(other => other.Contains(k)))];
        return new()
        {
            Shared = [.. shared],
            Profiles =
            [
                .. profiles.Select(
                    (p, i) =>
                        new DescribedProfile(
                            p.Name, p.Profile.Summary, p.Profile.Source,
                            [.. keys[i].Where(k => !shared.Contains(k))])),
            ],
        };
    }
}

/// <summary>A profile.</summary>
/// <param name="Name">In results.</param>
/// <param name="Summary">Its author's line about it; may be empty.</param>
/// <param name="Source">Where its author has it from; may be empty.</param>
/// <param name="Keys">Keys in which it differs from some other profile of the study.</param>
internal sealed record DescribedProfile(
    string Name, string Summary, string Source, IReadOnlyList<DescribedKey> Keys);

/// <summary>A key with its value.</summary>
/// <param name="Path">Dotted.</param>
/// <param name="Value">As a profile spells it.</param>
internal sealed record DescribedKey(string Path, string Value);
