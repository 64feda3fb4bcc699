using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>
/// Profile to datapath: defaults and overrides resolved, and refused what no hardware could do,
/// what does not go together, and what does not fit the 64 bits of an exact intermediate.
/// </summary>
public static class DatapathCompiler
{
    /// <summary>Compiles a profile.</summary>
    /// <exception cref="InputException">Everything in it that cannot be honoured.</exception>
    public static Datapath Compile(HardwareProfile profile)
    {
        var errors = new List<InputError>();
        ImmutableArray<LayerOverride> overrides = LayerOverride.All(profile.Root, errors);
        DialectCheck.Check(profile.Root, profile.Root.Text("dialect") ?? "ap", errors);
        if (errors.Count > 0) throw new InputException(errors);
        MapNode resolved = ProfileResolver.Resolve(profile.Root, errors);
        var inputMap = (MapNode)resolved["input"]!;
        ValueFormat input = ProfileKeys.InputFormat(inputMap);
        StageChecks.Input(inputMap, input, errors);

        var stages = new Dictionary<StageKey, StageOutcome>();
        foreach ((ImmutableArray<LayerOverride> met, bool isCommon) in Meetings.Of(overrides))
        {
            foreach (bool isLast in new[] { false, true })
            {
                var key = StageKey.Of(met.Select(o => o.Rule.Index), isLast);
                if (stages.ContainsKey(key)) continue;
                stages[key] = Bind(profile.Root, input, met, isLast);
                if (isCommon) errors.AddRange(stages[key].Errors);
            }
        }

        return errors.Count == 0
            ? new CompiledDatapath(
                profile.Name, input, [.. overrides.Select(o => o.Rule)], stages)
            : throw new InputException(errors);
    }

    /// <summary>The stages under a set of overrides, the most specific last.</summary>
    private static StageOutcome Bind(
        MapNode root, ValueFormat input, ImmutableArray<LayerOverride> met, bool isLast)
    {
        var errors = new List<InputError>();
        MapNode stages = ProfileResolver.Stages(root, met, isLast, errors);
        if (errors.Count > 0) return new(null, [.. errors]);
        LayerDatapath layer = ProfileKeys.Layer(stages, ProfileKeys.Dialect(root));
        StageChecks.Layer(stages, layer, input, errors);
        return new(errors.Count == 0 ? layer : null, [.. errors]);
    }
}
