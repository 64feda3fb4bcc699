using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>
/// Profile to datapath: defaults and overrides resolved, and refused what no hardware could do, what does not go
/// together, and what does not fit the 64 bits of an exact intermediate.
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
        ValueFormat input = StageBinder.Value(inputMap);
        StageChecks.Input(inputMap, input, errors);
        var datapath = new CompiledDatapath(profile, input, overrides);
        foreach (ImmutableArray<LayerOverride> combination in Combinations(overrides))
        {
            datapath.Bind(combination, isLast: false, errors);
            datapath.Bind(combination, isLast: true, errors);
        }

        return errors.Count == 0 ? datapath : throw new InputException(errors);
    }

    /// <summary>No override, each alone, and each type with each name: what layers commonly meet.</summary>
    private static IEnumerable<ImmutableArray<LayerOverride>> Combinations(ImmutableArray<LayerOverride> overrides)
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
        LayerDatapath? layer = Bind([.. overrides.Where(o => o.Matches(kind, name))], isLast, errors);
        return layer ?? throw new InputException(errors);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<InputError> Unmatched(IReadOnlyCollection<string> names) =>
    [
        .. overrides.Where(o => o.IsByName && !names.Any(n => o.Matches("", n))).Select(o => o.Item["match"]!.Error(
            $"'{o.Name}' matches no layer of the network{Suggestion.Hint(o.Name!, names)}"
            + $" (its layers: {string.Join(", ", names)})")),
    ];

    /// <summary>The stages under a set of overrides, the most specific last; null when they are refused.</summary>
    public LayerDatapath? Bind(ImmutableArray<LayerOverride> matching, bool isLast, List<InputError> errors)
    {
        int before = errors.Count;
        MapNode stages = ProfileResolver.Stages(profile.Root, matching, isLast, errors);
        if (errors.Count > before) return null;
        LayerDatapath layer = StageBinder.Layer(stages, profile.Root.Text("dialect") ?? "ap");
        StageChecks.Layer(stages, layer, input, errors);
        return errors.Count > before ? null : layer;
    }
}
