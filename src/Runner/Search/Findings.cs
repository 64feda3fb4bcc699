using QSim.Runner.Output;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Search;

/// <summary>From what a search measured to what it says.</summary>
/// <param name="asked">What was asked.</param>
/// <param name="run">What was measured.</param>
internal sealed class Findings(SearchInputs asked, SearchRun run)
{
    /// <summary>Designs of which accuracies are measured key by key: it takes images.</summary>
    private const int MostExplained = 5;

    private readonly SearchPlan _plan = asked.Plan;

    /// <summary>The results, without the images held back.</summary>
    public SearchResults Results()
    {
        IReadOnlyList<Design> front = run.Front();
        HashSet<int> explained = [.. Spread(front.Count)];
        return new()
        {
            Study = asked.Settings,
            Space = _plan.Space.Count,
            IsExhaustive = run.IsExhaustive,
            Fates = run.Designs.GroupBy(d => d.Fate).OrderBy(g => g.Key).ToDictionary(
                g => EnumWord.Of(g.Key), g => g.Count()),
            Float = run.OfFloat.ToDictionary(
                f => f.Key.Name, f => 100.0 * f.Value.Count(o => o == '1') / f.Value.Length),
            Start = Found(run.Start),
            Front =
            [
                .. front.Select((d, i) => Found(d) with
                {
                    Name = $"front-{i + 1}",
                    Bought = Bought(d, explained.Contains(i)),
                }),
            ],
            Designs = [.. run.Designs.Select(Found)],
        };
    }

    /// <summary>A design of the front as a profile.</summary>
    /// <param name="asked">What was asked.</param>
    /// <param name="design">The design.</param>
    /// <param name="folder">The search's folder: profiles are in one below it.</param>
    public static string Profile(SearchInputs asked, FoundDesign design, string folder)
    {
        StudyProfile start = asked.Inputs.Profiles[0];
        string extends = File.Exists(start.Reference)
            ? Path.GetRelativePath(
                Path.Combine(folder, SearchFolder.ProfileFolder), start.Reference)
            : start.Reference;
        return DesignProfile.Of(
            design.Name, extends,
            $"found by qsim search from {Untrusted.Line(start.Profile.Name)}",
            [.. design.Keys.Select(k => new SweepSetting(k.Key, k.Value))]);
    }

    private FoundDesign Found(Design design) => FoundDesign.Of(design, _plan.Metrics);

    /// <summary>Places spread over the front, its ends among them.</summary>
    private static IEnumerable<int> Spread(int count) =>
        Enumerable.Range(0, Math.Min(count, MostExplained)).Select(i =>
            count <= MostExplained ? i : i * (count - 1) / (MostExplained - 1));

    /// <summary>What each key that differs from the start brings.</summary>
    private BoughtBy[] Bought(Design design, bool isMeasured)
    {
        Dictionary<string, string> start = ResolvedProfile
            .Keys(asked.Inputs.Profiles[0].Profile)
            .DistinctBy(k => k.Path)
            .ToDictionary(k => k.Path, k => k.Value);
        SweepSetting[] changed =
        [
            .. design.Point.Where(s => start.GetValueOrDefault(s.Key) != s.Value),
        ];
        Design[] without =
        [
            .. changed.Select(c => run.Examine([.. design.Point.Where(s => s.Key != c.Key)])),
        ];
        if (isMeasured)
        {
            Design[] possible = [.. without.Where(d => d.Fate == DesignFate.Whole)];
            Dictionary<string, Design> measured = run.MeasureWhole(possible.DistinctBy(d => d.Name))
                .ToDictionary(d => d.Name);
            without = [.. without.Select(d => measured.GetValueOrDefault(d.Name, d))];
        }

        return
        [
            .. changed.Zip(without).Select(pair => new BoughtBy(
                pair.First.Key, pair.First.Value,
                _plan.Metrics
                    .Where(m => pair.Second.Figure(m) is not null && design.Figure(m) is not null)
                    .ToDictionary(
                        m => m.Name,
                        m => design.Figure(m)!.Value - pair.Second.Figure(m)!.Value))),
        ];
    }
}
