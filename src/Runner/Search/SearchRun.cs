using QSim.Runner.Search.Evolution;
using QSim.Runner.Search.Fronts;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search;

/// <summary>
/// Looks for the front: examines each generation's designs for nothing, races the rest, and keeps
/// everything that was found.
/// </summary>
/// <param name="plan">What is looked for.</param>
/// <param name="meter">Measures designs.</param>
/// <param name="rungs">What designs are measured on, all images last.</param>
/// <param name="settings">The study's.</param>
/// <param name="generation">Told before each generation how many designs there are.</param>
internal sealed class SearchRun(
    SearchPlan plan, SearchMeter meter, IReadOnlyList<Rung> rungs, Studies.StudySettings settings,
    Action<int> generation)
{
    private readonly List<Design> _designs = [];
    private readonly Race _race = new(plan.Objectives, plan.Constraints);
    private IReadOnlyDictionary<Metric, string> _ofFloat = new Dictionary<Metric, string>();

    /// <summary>Every design that was looked at, in order.</summary>
    public IReadOnlyList<Design> Designs => _designs;

    /// <summary>The start: the profile as the user wrote it.</summary>
    public Design Start { get; private set; } = new([], [], "");

    /// <summary>What becomes of all images on the float network.</summary>
    public IReadOnlyDictionary<Metric, string> OfFloat => _ofFloat;

    /// <summary>Whether every design of the space was measured whole.</summary>
    public bool IsExhaustive { get; private set; }

    /// <summary>Looks at as many designs as the study allows.</summary>
    /// <exception cref="RequestException">The start cannot be measured.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public void Run()
    {
        _ofFloat = meter.OfFloat(rungs[^1]);
        Design start = meter.Examine([], []);
        if (start.Fate == DesignFate.Impossible)
            throw new RequestException($"the start is impossible: {start.Reason}");
        Start = meter.Measure([start], rungs[^1])[0];
        var evolver = new Evolver(
            plan.Space,
            new(settings.Seed, settings.Search!.Evaluations, settings.Search.Population),
            Measure);
        IsExhaustive = evolver.IsExhaustive;
        evolver.Run();
        if (_designs.All(d => d.Fate == DesignFate.Impossible))
            throw new RequestException(
                $"none of {_designs.Count} designs can be built: {_designs[0].Name}: "
                    + _designs[0].Reason);
    }

    /// <summary>Measures designs whole that the search did not ask for.</summary>
    public Design[] MeasureWhole(IEnumerable<Design> designs) =>
        meter.Measure([.. designs], rungs[^1]);

    /// <summary>Examines a design of the user's own keys.</summary>
    public Design Examine(IReadOnlyList<Studies.Sweeps.SweepSetting> point) =>
        meter.Examine([], point);

    /// <summary>
    /// Designs measured whole that meet every constraint and that none of them dominates; of
    /// several that come to the same, the first.
    /// </summary>
    public IReadOnlyList<Design> Front()
    {
        Design[] whole = [.. _designs.Where(d => d.Fate == DesignFate.Whole)];
        Score[] scores = [.. whole.Select(Scored)];
        return
        [
            .. Fronts.Front.Of(scores)
                .DistinctBy(i => string.Join(' ', scores[i].Objectives))
                .Select(i => whole[i])
                .OrderBy(d => Scored(d).Objectives[^1]),
        ];
    }

    /// <summary>A design's score: losses of accuracy in percent, and costs.</summary>
    public Score Scored(Design design) => design.Fate switch
    {
        DesignFate.Impossible => Score.Impossible,
        DesignFate.Constrained => new([], Math.Max(1e-6, _race.Violation(design, _ofFloat))),
        DesignFate.Whole or DesignFate.Raced => new(
            [
                .. plan.Objectives.Select(o => o.IsAccuracy
                    ? 100 - design.Figure(o)!.Value
                    : design.Figure(o)!.Value),
            ], _race.Violation(design, _ofFloat)),
    };

    private IReadOnlyList<Score> Measure(IReadOnlyList<int[]> values)
    {
        generation(_designs.Count);
        Design[] designs =
            [.. values.Select(v => Constrained(meter.Examine(v, plan.Point(v))))];
        Design[] rivals = [.. _designs.Where(d => d.Fate == DesignFate.Whole)];
        // A space that is small enough is measured whole, and nobody is dropped by chance.
        foreach (Rung rung in IsExhaustive ? rungs.TakeLast(1) : rungs)
        {
            int[] alive =
            [
                .. Enumerable.Range(0, designs.Length)
                    .Where(i => designs[i].Fate == DesignFate.Whole),
            ];
            if (alive.Length == 0) break;
            Design[] measured = meter.Measure([.. alive.Select(i => designs[i])], rung);
            foreach ((int i, Design design) in alive.Zip(measured))
                designs[i] = rung.IsWhole ? design : Raced(design, rivals, rung);
        }

        _designs.AddRange(designs);
        return [.. designs.Select(ScoredInRace)];
    }

    private Design Constrained(Design design) =>
        design.Fate == DesignFate.Whole
        && plan.Constraints.FirstOrDefault(c =>
            design.Costs.TryGetValue(c.Metric, out double cost) && c.Violation(cost, 0) > 0)
            is { } missed
            ? design with { Fate = DesignFate.Constrained, Reason = $"not {missed}" }
            : design;

    private Design Raced(Design design, Design[] rivals, Rung rung)
    {
        if (_race.Missed(design, _ofFloat) is { } missed)
            return design with
            {
                Fate = DesignFate.Constrained,
                Reason = $"not {missed}, on {rung.Name}",
            };
        return _race.BeatenBy(design, rivals, _ofFloat) is { } rival
            ? design with { Fate = DesignFate.Raced, Reason = $"{rival.Name}, on {rung.Name}" }
            : design;
    }

    /// <summary>A design that was dropped counts as no better than who dropped it.</summary>
    private Score ScoredInRace(Design design)
    {
        if (design.Fate != DesignFate.Raced) return Scored(design);
        Score own = Scored(design);
        Score rival = Scored(_designs.First(d =>
            design.Reason.StartsWith($"{d.Name}, on ", StringComparison.Ordinal)));
        return own with
        {
            Objectives = [.. own.Objectives.Zip(rival.Objectives, Math.Max)],
            Violation = Math.Max(own.Violation, rival.Violation),
        };
    }
}
