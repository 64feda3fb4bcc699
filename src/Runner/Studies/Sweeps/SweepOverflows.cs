namespace QSim.Runner.Studies.Sweeps;

/// <summary>From which target of a slice on accumulators do not overflow.</summary>
/// <param name="layers">What layers need by proof.</param>
/// <param name="events">What was counted.</param>
internal sealed class SweepOverflows(
    IReadOnlyList<LayerFacts> layers, IReadOnlyList<StageCount> events)
{
    private readonly ILookup<(ulong, string), LayerFacts> _layers =
        layers.ToLookup(l => (l.Seed, l.Profile));

    private readonly ILookup<(ulong, string), StageCount> _accumulators = events
        .Where(e => e.Stage == "accumulator").ToLookup(e => (e.Seed, e.Profile));

    /// <summary>Whatever the input, by proof; null where some can at every value.</summary>
    public int? Never(ulong seed, string[] targets) =>
        First(targets, t => _layers[(seed, t)], l => l.CanOverflow == 0);

    /// <summary>For inputs within the intervals that calibration images span.</summary>
    public int? NotInCalibration(ulong seed, string[] targets) =>
        First(targets, t => _layers[(seed, t)], l => l.CanOverflowInCalibration == 0);

    /// <summary>As counted on the clean test images.</summary>
    public int? NoneCounted(ulong seed, string[] targets) =>
        First(targets, t => _accumulators[(seed, t)], e => e.Overflowed == 0);

    /// <summary>The first from which on something holds of everything that is known.</summary>
    private static int? First<T>(
        string[] targets, Func<string, IEnumerable<T>> of, Func<T, bool> holds)
    {
        int first = targets.Length;
        while (first > 0 && of(targets[first - 1]).ToArray() is { Length: > 0 } all
            && all.All(holds))
            first--;
        return first < targets.Length ? first : null;
    }
}
