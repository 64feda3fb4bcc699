using System.Collections.Immutable;

namespace QSim.Simulator.Profiles.Describing;

/// <summary>A key in which two profiles differ once every default is resolved.</summary>
/// <param name="Path">Dotted.</param>
/// <param name="First">Its value in the first profile; null where it has no effect there.</param>
/// <param name="Second">Its value in the second.</param>
internal sealed record ProfileDifference(string Path, string? First, string? Second)
{
    private static readonly ImmutableArray<string> Words =
    [
        "schema",
        "name",
        "summary",
        "source",
        "extends",
    ];

    /// <summary>
    /// What differs about the hardware, in the order of the documentation; names and texts do not
    /// count.
    /// </summary>
    public static ImmutableArray<ProfileDifference> Between(
        HardwareProfile first, HardwareProfile second)
    {
        ImmutableArray<ResolvedKey> a = ResolvedProfile.Keys(first);
        ImmutableArray<ResolvedKey> b = ResolvedProfile.Keys(second);
        Dictionary<string, string> inA = a.ToDictionary(k => k.Path, k => k.Value);
        Dictionary<string, string> inB = b.ToDictionary(k => k.Path, k => k.Value);
        return
        [
            .. a.Concat(b).Select(k => k.Path).Distinct()
                .Where(p => !Words.Contains(p))
                .Select(p => new ProfileDifference(
                    p, inA.GetValueOrDefault(p), inB.GetValueOrDefault(p)))
                .Where(d => d.First != d.Second),
        ];
    }
}
