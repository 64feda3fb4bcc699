using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search;

/// <summary>What a search found, and nothing that depends on when, where or how fast.</summary>
internal sealed record SearchResults
{
    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/search-results/1";

    /// <summary>What was asked.</summary>
    public required StudySettings Study { get; init; }

    /// <summary>Combinations of the free keys.</summary>
    public required long Space { get; init; }

    /// <summary>Whether every one was measured whole.</summary>
    public required bool IsExhaustive { get; init; }

    /// <summary>How many designs were looked at, by how far they came.</summary>
    public required IReadOnlyDictionary<string, int> Fates { get; init; }

    /// <summary>The float network's figures on the search's images, by figure.</summary>
    public required IReadOnlyDictionary<string, double> Float { get; init; }

    /// <summary>The profile that the search started from.</summary>
    public required FoundDesign Start { get; init; }

    /// <summary>Designs that none dominates, with what became of them elsewhere.</summary>
    public required IReadOnlyList<FoundDesign> Front { get; init; }

    /// <summary>Every design that was looked at, in order.</summary>
    public required IReadOnlyList<FoundDesign> Designs { get; init; }

    /// <summary>
    /// Share of the front that none dominates on the held-back images either, 0..1.
    /// </summary>
    public double? FrontHeld { get; init; }

    /// <summary>What the checks of attacks say of the front's run.</summary>
    public StudyVerdict? Verdict { get; init; }
}

/// <summary>A design in results.</summary>
/// <param name="Name">Its name; on the front that of its profile.</param>
/// <param name="Keys">The free keys with their values.</param>
/// <param name="Fate">How far it came.</param>
/// <param name="Reason">Why it came no further; empty where it did.</param>
/// <param name="Images">Test images that accuracies are of; 0 where it met none.</param>
/// <param name="Figures">By name, accuracies in percent; those that are known.</param>
internal sealed record FoundDesign(
    string Name, IReadOnlyDictionary<string, string> Keys, DesignFate Fate, string Reason,
    int Images, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>On the front: accuracies on the images that were held back.</summary>
    public IReadOnlyDictionary<string, double> HeldBack { get; init; } =
        new Dictionary<string, double>();

    /// <summary>On the front: what each key that it changes brought.</summary>
    public IReadOnlyList<BoughtBy> Bought { get; init; } = [];

    /// <summary>A design with its figures.</summary>
    public static FoundDesign Of(Design design, IEnumerable<Metric> metrics) => new(
        design.Name, design.Point.ToDictionary(s => s.Key, s => s.Value), design.Fate,
        design.Reason, design.Outcomes.Values.FirstOrDefault()?.Length ?? 0,
        metrics.Where(m => design.Figure(m) is not null)
            .ToDictionary(m => m.Name, m => design.Figure(m)!.Value));
}

/// <summary>What a changed key brought: figures less those with the start's value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">What the design sets.</param>
/// <param name="Figures">Differences by name, accuracies in points; of figures known.</param>
internal sealed record BoughtBy(
    string Key, string Value, IReadOnlyDictionary<string, double> Figures);
