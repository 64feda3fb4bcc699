using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>
/// A compiled profile: for every set of overrides that a layer may meet, the stages that come of
/// it, or why there are none.
/// </summary>
internal sealed class CompiledDatapath(
    string name, ValueFormat input, ImmutableArray<OverrideRule> rules,
    IReadOnlyDictionary<StageKey, StageOutcome> stages) : Datapath
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    internal override ValueFormat Input => input;

    /// <inheritdoc/>
    internal override LayerDatapath For(string kind, string name, bool isLast)
    {
        OverrideRule[] met = [.. rules.Where(r => r.Matches(kind, name))];
        if (!stages.TryGetValue(StageKey.Of(met.Select(r => r.Index), isLast), out var outcome))
            throw new InputException(met[^1].Match with
            {
                Message = $"layer '{name}' matches more than {Meetings.FewGlobs} patterns of a "
                    + $"profile with more than {Meetings.MostGlobs} (write its name out instead)",
            });
        return outcome.Layer ?? throw new InputException(outcome.Errors);
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<InputError> Unmatched(
        IReadOnlyCollection<(string Kind, string Name)> layers)
    {
        var errors = new List<InputError>();
        string[] names = [.. layers.Select(l => l.Name)];
        foreach (OverrideRule rule in rules.Where(r => r.Name is not null))
        {
            string[] kinds =
            [
                .. layers.Where(l => rule.Matches(l.Kind, l.Name)).Select(l => l.Kind).Distinct(),
            ];
            if (kinds.Length == 0)
            {
                errors.Add(rule.Match with
                {
                    Message = $"'{rule.Name}' matches no layer of the network"
                        + $"{Suggestion.Hint(rule.Name!, names)}"
                        + $" (its layers: {string.Join(", ", names)})",
                });
            }
            else
            {
                errors.AddRange(rule
                    .WithoutEffect(kinds)
                    .Select(at => at with
                    {
                        Message = $"has no effect on {string.Join(" and ", kinds)} layers",
                    }));
            }
        }

        return errors;
    }

    /// <inheritdoc/>
    internal override InputError? LostByFusion(
        (string Kind, string Name) layer, (string Kind, string Name) into) =>
        rules.FirstOrDefault(r =>
            r.Matches(layer.Kind, layer.Name) && !r.Matches(into.Kind, into.Name)) is { } lost
            ? lost.Match with
            {
                Message = $"has no effect: '{layer.Name}' is part of '{into.Name}', whose scale is "
                    + $"calibrated behind it (supported: match '{into.Name}')",
            }
            : null;
}

/// <summary>Which overrides a layer meets, and whether it makes the logits.</summary>
/// <param name="Overrides">Their numbers, ascending.</param>
/// <param name="IsLast">Whether the layer makes the logits.</param>
internal readonly record struct StageKey(string Overrides, bool IsLast)
{
    /// <summary>The key of overrides in the order in which they are laid over each other.</summary>
    public static StageKey Of(IEnumerable<int> overrides, bool isLast) =>
        new(string.Join(' ', overrides), isLast);
}

/// <summary>A layer's stages, or why there are none.</summary>
/// <param name="Layer">The stages; null where they are refused.</param>
/// <param name="Errors">The reasons.</param>
internal sealed record StageOutcome(LayerDatapath? Layer, ImmutableArray<InputError> Errors);
