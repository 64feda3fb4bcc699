using QSim.Attacks.Evaluation;
using QSim.Runner.Search.Evolution;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Searching;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Search;

/// <summary>What is free, what is wanted and what has to hold, read and checked.</summary>
internal sealed record SearchPlan
{
    private readonly SweepAxis[] _axes;

    /// <summary>Of a study.</summary>
    /// <exception cref="RequestException">It cannot be searched.</exception>
    public SearchPlan(StudySettings study)
    {
        SearchSettings search = study.Search
            ?? throw new RequestException(
                "nothing is searched for: the study needs 'search:' with objectives");
        if (study.Sweep.Count == 0)
            throw new RequestException(
                "nothing is free: the study needs 'sweep:' with keys and their values");
        if (study.Profiles.Count != 1)
            throw new RequestException(
                $"a search starts from one profile, not {study.Profiles.Count} (profiles: [NAME])");
        if (study.Seeds.Count != 1)
            throw new RequestException(
                "seeds: a search has one, which trains its one network, not "
                    + $"{study.Seeds.Count} (supported: seed: N)");
        if (study.Threats.Count != 1)
            throw new RequestException(
                $"threats: a search has one, not {study.Threats.Count} (supported: threats: "
                    + "[hardware], or another one)");
        if (study.TransferMatrix)
            throw new RequestException(
                "transfer_matrix: a search carries no images over (supported: leaving it out)");
        if (study.Recipe.IsPerProfile)
            throw new RequestException(
                "training.quantize: a search does not train a network for each design (supported: "
                    + "quantize: none)");
        // 8/255 and 16/510 are one budget.
        Objectives = [.. search.Objectives.Select(Metric.Parse).Distinct()];
        Constraints = [.. search.Constraints.Select(Constraint.Parse)];
        Metrics = [.. Objectives.Concat(Constraints.Select(c => c.Metric)).Distinct()];
        if (Metrics.Any(m => m.Kind == MetricKind.Proved) && study.Certify is null)
            throw new RequestException(
                "proved accuracy: the study needs 'certify: {method: bounds}', or complete");
        _axes = [.. study.Sweep.Select(Ordered)];
        if (_axes.SelectMany(a => a.Steps[0]).FirstOrDefault(s =>
            s.Key.StartsWith("layers[", StringComparison.Ordinal) && !s.Key.Contains('='))
            is { } numbered)
            throw new RequestException(
                $"{numbered.Key}: a search writes profiles, where layers go by what they are: "
                    + "layers[type=conv2d].KEY or layers[name=conv1].KEY");
        Space = new(
            [.. _axes.Select(a => a.Steps.Count)], [.. _axes.Select(a => Numbers(a) is not null)]);
    }

    /// <summary>What is to be good.</summary>
    public IReadOnlyList<Metric> Objectives { get; }

    /// <summary>What has to hold.</summary>
    public IReadOnlyList<Constraint> Constraints { get; }

    /// <summary>Every figure that either asks for.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The designs that there are.</summary>
    public SearchSpace Space { get; }

    /// <summary>The free keys.</summary>
    public IEnumerable<string> Keys => _axes.SelectMany(a => a.Steps[0]).Select(s => s.Key);

    /// <summary>Budgets that figures are at.</summary>
    public IReadOnlyList<Epsilon> Epsilons => EpsilonList.Of(
        Metrics.Select(m => m.Epsilon).OfType<Epsilon>());

    /// <summary>What a design sets.</summary>
    /// <param name="values">Indices of values.</param>
    public IReadOnlyList<SweepSetting> Point(int[] values) =>
        [.. _axes.Zip(values).SelectMany(a => a.First.Steps[a.Second])];

    /// <summary>
    /// Refuses a free key of which the start takes no value at all, as where it is misspelt.
    /// </summary>
    /// <param name="start">The profile.</param>
    /// <exception cref="InputException">There is one.</exception>
    public void CheckKeys(string start)
    {
        foreach (SweepAxis axis in _axes)
            if (WhyNot(start, axis.Steps[0]) is { } refused
                && axis.Steps.Skip(1).All(s => WhyNot(start, s) is not null))
                throw refused;
    }

    private static InputException? WhyNot(string start, IReadOnlyList<SweepSetting> step)
    {
        try
        {
            ProfileReader.Read(start, step.Select(s => s.ToOverride()));
            return null;
        }
        catch (InputException e)
        {
            return e;
        }
    }

    /// <summary>Numbers ascending, so that a step is a small change.</summary>
    private static SweepAxis Ordered(SweepAxis axis) =>
        Numbers(axis) is { } levels
            ? new([.. levels.Select(l => axis.Steps.First(s => s[0].Value == l))])
            : axis;

    private static IReadOnlyList<string>? Numbers(SweepAxis axis)
    {
        SweepFactor factor = SweepFactor.Of("", "", [.. axis.Steps.Select(s => s[0].Value)]);
        return factor.Numbers is null ? null : factor.Levels;
    }
}
