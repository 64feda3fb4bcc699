using QSim.Runner.Studies;
using QSim.Runner.Studies.Searching;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Search.Measuring;

/// <summary>How far a design came.</summary>
internal enum DesignFate
{
    /// <summary>It was measured on all images under all attacks.</summary>
    Whole,

    /// <summary>It was dropped on few images: another is better there and costs no more.</summary>
    Raced,

    /// <summary>It misses a constraint, shown before it was measured whole.</summary>
    Constrained,

    /// <summary>No hardware can be made of it, or the network does not fit on it.</summary>
    Impossible,
}

/// <summary>A combination of the free keys' values, with what is known of it.</summary>
/// <param name="Values">Indices of values, one per free key.</param>
/// <param name="Point">The same as keys with their values.</param>
/// <param name="Name">In results.</param>
internal sealed record Design(int[] Values, IReadOnlyList<SweepSetting> Point, string Name)
{
    /// <summary>How far it came.</summary>
    public DesignFate Fate { get; init; }

    /// <summary>Why it is impossible or was dropped, in words; empty for neither.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The hardware; null where it is impossible.</summary>
    public StudyProfile? Profile { get; init; }

    /// <summary>What is known without images, by metric.</summary>
    public IReadOnlyDictionary<Metric, double> Costs { get; init; } =
        new Dictionary<Metric, double>();

    /// <summary>What became of each image that it met, by metric.</summary>
    public IReadOnlyDictionary<Metric, string> Outcomes { get; init; } =
        new Dictionary<Metric, string>();

    /// <summary>A figure as people read it, accuracies in percent; null where unknown.</summary>
    public double? Figure(Metric metric) =>
        Costs.TryGetValue(metric, out double cost) ? cost
        : Outcomes.TryGetValue(metric, out string? outcomes)
            ? 100.0 * outcomes.Count(o => o == '1') / outcomes.Length
            : null;
}
