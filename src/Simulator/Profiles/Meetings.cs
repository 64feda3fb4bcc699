using System.Collections.Immutable;

namespace QSim.Simulator.Profiles;

/// <summary>Which overrides may meet in one layer.</summary>
internal static class Meetings
{
    /// <summary>Globs of a profile that may meet in any number.</summary>
    public const int MostGlobs = 8;

    /// <summary>How many of more globs than that may meet.</summary>
    public const int FewGlobs = 2;

    private const int MostPairs = 16;

    /// <summary>
    /// Every set of overrides that a layer may meet, in the order in which they are laid over each
    /// other. Those that layers commonly meet, none, one, or a type with a name, come first: what
    /// does not go together there is an error of the profile, even before any network is known.
    /// </summary>
    public static IEnumerable<(ImmutableArray<LayerOverride> Met, bool IsCommon)> Of(
        ImmutableArray<LayerOverride> overrides)
    {
        LayerOverride[] byType = [.. overrides.Where(o => o.Rule.Name is null)];
        LayerOverride[] byName = [.. overrides.Where(o => o.Rule.Name is not null)];
        yield return ([], true);
        foreach (LayerOverride o in overrides) yield return ([o], true);
        foreach (LayerOverride type in byType.Take(MostPairs))
            foreach (LayerOverride name in byName.Take(MostPairs))
                yield return ([type, name], true);

        LayerOverride[][] types =
            [[], .. byType.GroupBy(o => o.Rule.Type).Select(sameType => sameType.ToArray())];
        foreach (LayerOverride[] names in OfNames(byName))
            foreach (LayerOverride[] type in types)
                yield return ([.. type, .. names], false);
    }

    /// <summary>
    /// What a layer of a name that is spelled out meets, and what layers of other names may.
    /// </summary>
    private static IEnumerable<LayerOverride[]> OfNames(LayerOverride[] byName)
    {
        foreach (string name in byName
            .Where(o => !o.Rule.IsGlob).Select(o => o.Rule.Name!).Distinct())
            yield return [.. byName.Where(o => o.Rule.Matches("", name))];

        LayerOverride[] globs = [.. byName.Where(o => o.Rule.IsGlob)];
        if (globs.Length <= MostGlobs)
        {
            for (int subset = 0; subset < 1 << globs.Length; subset++)
                yield return [.. globs.Where((_, i) => (subset >> i & 1) != 0)];
            yield break;
        }

        yield return [];
        for (int first = 0; first < globs.Length; first++)
        {
            yield return [globs[first]];
            for (int second = first + 1; second < globs.Length; second++)
                yield return [globs[first], globs[second]];
        }
    }
}
