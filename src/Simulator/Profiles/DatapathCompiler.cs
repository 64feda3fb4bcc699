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
        ValueFormat input = StageBinder.Input(inputMap);
        StageChecks.Input(inputMap, input, errors);
        var datapath = new CompiledDatapath(profile, input, overrides);
        foreach (ImmutableArray<LayerOverride> combination in Combinations(overrides))
        {
            datapath.Bind(combination, isLast: false, errors);
            datapath.Bind(combination, isLast: true, errors);
        }

        return errors.Count == 0 ? datapath : throw new InputException(errors);
    }

    /// <summary>
    /// No override, each alone, and each type with each name: what layers commonly meet.
    /// </summary>
    private static IEnumerable<ImmutableArray<LayerOverride>> Combinations(
        ImmutableArray<LayerOverride> overrides)
    {
        yield return [];
        foreach (LayerOverride o in overrides) yield return [o];
        foreach (LayerOverride byType in overrides.Where(o => !o.IsByName).Take(16))
            foreach (LayerOverride byName in overrides.Where(o => o.IsByName).Take(16))
                yield return [byType, byName];
    }
}

/// <summary>A compiled profile.</summary>
internal sealed class CompiledDatapath(
    HardwareProfile profile, ValueFormat input, ImmutableArray<LayerOverride> overrides) : Datapath
{
    /// <inheritdoc/>
    public override string Name => profile.Name;

    /// <inheritdoc/>
    public override ValueFormat Input => input;

    /// <inheritdoc/>
    public override LayerDatapath For(string kind, string name, bool isLast)
    {
        var errors = new List<InputError>();
        LayerDatapath? layer = Bind(
            [.. overrides.Where(o => o.Matches(kind, name))], isLast, errors);
        return layer ?? throw new InputException(errors);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<InputError> Unmatched(
        IReadOnlyCollection<(string Kind, string Name)> layers)
    {
        var errors = new List<InputError>();
        string[] names = [.. layers.Select(l => l.Name)];
        foreach (LayerOverride o in overrides.Where(o => o.IsByName))
        {
            string[] kinds =
                [.. layers.Where(l => o.Matches(l.Kind, l.Name)).Select(l => l.Kind).Distinct()];
            if (kinds.Length == 0)
            {
                errors.Add(o.Item["match"]!.Error(
                    $"'{o.Name}' matches no layer of the network{Suggestion.Hint(o.Name!, names)}"
                    + $" (its layers: {string.Join(", ", names)})"));
            }
            else
            {
                errors.AddRange(
                    o.Stages.Entries.Where(e => !kinds.Any(k => ProfileKeys.HasStage(k, e.Key)))
                        .Select(e =>
                            e.Value.Error($"has no effect on {string.Join(" and ", kinds)} layers")
                        ));
            }
        }

        return errors;
    }

    /// <inheritdoc/>
    public override InputError? LostByFusion(
        (string Kind, string Name) layer, (string Kind, string Name) into) =>
        overrides
            .FirstOrDefault(o =>
                o.Matches(layer.Kind, layer.Name) && !o.Matches(into.Kind, into.Name))
            ?.Item["match"]!.Error(
                $"has no effect: '{layer.Name}' is part of '{into.Name}', whose scale is "
                    + $"calibrated behind it (supported: match '{into.Name}')");

    /// <summary>
    /// The stages under a set of overrides, the most specific last; null when they are refused.
    /// </summary>
    public LayerDatapath? Bind(
        ImmutableArray<LayerOverride> matching, bool isLast, List<InputError> errors)
    {
        int before = errors.Count;
        MapNode stages = ProfileResolver.Stages(profile.Root, matching, isLast, errors);
        if (errors.Count > before) return null;
        LayerDatapath layer = StageBinder.Layer(stages, profile.Root.Text("dialect") ?? "ap");
        StageChecks.Layer(stages, layer, input, errors);
        return errors.Count > before ? null : layer;
    }
}
