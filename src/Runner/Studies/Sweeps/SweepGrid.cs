using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>A sweep as factors, and where each target stands in it.</summary>
internal sealed class SweepGrid
{
    private readonly Dictionary<string, int[]> _levels = [];

    /// <summary>Of a study that sweeps.</summary>
    public SweepGrid(ResolvedStudy study)
    {
        IReadOnlyList<SweepAxis> axes = study.Settings.Sweep;
        var labels = SweepLabels.Of(axes.SelectMany(a => a.Steps[0]).Select(s => s.Key));
        ResolvedTarget[] targets = [.. study.Targets.Skip(1)];
        string[] profiles = [.. targets.Select(t => t.Profile).Distinct()];
        Factors =
        [
            .. axes.Select(a => SweepFactor.Of(
                string.Join('+', a.Steps[0].Select(s => s.Key)),
                string.Join('+', a.Steps[0].Select(s => labels[s.Key])),
                [.. a.Steps.Select(Level)])),
            .. profiles.Length > 1
                ? [new SweepFactor(SweepFactor.ProfileKey, SweepFactor.ProfileKey, profiles, null)]
                : Array.Empty<SweepFactor>(),
        ];
        foreach (ResolvedTarget target in targets)
            _levels[target.Name] = [.. Factors.Select((f, i) => IndexOf(f, LevelAt(i, target)))];

        string LevelAt(int factor, ResolvedTarget target)
        {
            if (factor >= axes.Count) return target.Profile;
            int first = axes.Take(factor).Sum(a => a.Steps[0].Count);
            return Level([.. target.Point.Skip(first).Take(axes[factor].Steps[0].Count)]);
        }
    }

    /// <summary>What varies: the keys as the study writes them, then profiles if several.</summary>
    public IReadOnlyList<SweepFactor> Factors { get; }

    /// <summary>The targets in the study's order.</summary>
    public IEnumerable<string> Targets => _levels.Keys;

    /// <summary>The level of a target in each factor.</summary>
    public IReadOnlyList<int> LevelsOf(string target) => _levels[target];

    /// <summary>
    /// Targets that differ in one factor only, in its order, by the levels of the others in words.
    /// </summary>
    /// <param name="factor">Index of the factor.</param>
    public IEnumerable<(string Others, string[] Targets)> Slices(int factor) =>
        from target in Targets
        group target by Others(target, factor) into slice
        select (slice.Key, slice.OrderBy(t => _levels[t][factor]).ToArray());

    /// <summary>The levels of all factors but some, in words.</summary>
    public string Others(string target, params int[] without) => string.Join(
        ' ',
        from f in Factors.Index()
        where !without.Contains(f.Index)
        let level = f.Item.Levels[_levels[target][f.Index]]
        select f.Item.Key == SweepFactor.ProfileKey ? level : $"{f.Item.Label}={level}");

    private static string Level(IReadOnlyList<SweepSetting> step) =>
        string.Join('/', step.Select(s => s.Value));

    private static int IndexOf(SweepFactor factor, string level) =>
        factor.Levels.Index().First(l => l.Item == level).Index;
}
