using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>
/// Which stages a layer has: the profile's own, with the overrides that match laid over them.
/// </summary>
internal static class ProfileResolver
{
    /// <summary>
    /// The whole profile with every default written out; overrides stay as they are.
    /// </summary>
    public static MapNode Resolve(MapNode root, List<InputError> errors)
    {
        var resolver = new DocumentResolver(errors);
        MapNode complete = root;
        if (root["output"] is MapNode output && root["activation"] is MapNode activation)
            complete = root.With(
                "output", DocumentMerger.Merge(activation, output, ProfileKeys.ActivationFormat));
        return resolver.Resolve(complete, ProfileKeys.Root);
    }

    /// <summary>The stages of one layer, every default written out.</summary>
    /// <param name="root">The profile.</param>
    /// <param name="overrides">Those that match, the most specific last.</param>
    /// <param name="isLast">Whether the layer makes the logits.</param>
    /// <param name="errors">Collects what does not go together.</param>
    public static MapNode Stages(
        MapNode root, IEnumerable<LayerOverride> overrides, bool isLast, List<InputError> errors)
    {
        MapNode stages = root with
        {
            Entries = [.. root.Entries.Where(e => ProfileKeys.IsStage(e.Key))],
        };
        LayerOverride[] all = [.. overrides];
        foreach (LayerOverride o in all.Where(o => o.Rule.Name is null))
            stages = Lay(stages, o.Stages);
        if (isLast && root["output"] is { } output)
            stages = stages.With(
                "activation",
                DocumentMerger.Merge(stages["activation"]!, output, ProfileKeys.ActivationFormat));
        foreach (LayerOverride o in all.Where(o => o.Rule.Name is not null))
            stages = Lay(stages, o.Stages);
        return new DocumentResolver(errors).Resolve(stages, ProfileKeys.StageMap);
    }

    private static MapNode Lay(MapNode below, MapNode above) =>
        (MapNode)DocumentMerger.Merge(below, above, ProfileKeys.StageMap) with
        {
            Position = below.Position,
            Path = below.Path,
        };
}
