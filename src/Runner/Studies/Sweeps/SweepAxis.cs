using System.Text.Json.Serialization;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>One value of one profile key.</summary>
/// <param name="Key">Dotted, as in <c>mac.accumulator.bits</c>.</param>
/// <param name="Value">As it would stand in the profile.</param>
internal sealed record SweepSetting(string Key, string Value)
{
    /// <summary>Where the study says it.</summary>
    [JsonIgnore]
    public SourcePosition Position { get; init; }

    /// <summary>For the profile's reader.</summary>
    public ProfileOverride ToOverride() => new(Key, Value, Position);
}

/// <summary>Keys that vary together: one key for a product, several for a zip.</summary>
/// <param name="Steps">What is set at each step, one setting per key.</param>
internal sealed record SweepAxis(IReadOnlyList<IReadOnlyList<SweepSetting>> Steps)
{
    /// <summary>
    /// Every combination of the axes' steps, the last axis fastest; one empty point without axes.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<SweepSetting>> Points(IReadOnlyList<SweepAxis> axes)
    {
        IEnumerable<IReadOnlyList<SweepSetting>> points = [[]];
        foreach (SweepAxis axis in axes)
            points = points.SelectMany(
                _ => axis.Steps, (point, step) => (IReadOnlyList<SweepSetting>)[.. point, .. step]);
        return [.. points];
    }

    /// <summary>Whether axes have steps, each of the same keys, and a point is one of theirs.
    /// </summary>
    public static bool Have(IReadOnlyList<SweepAxis> axes, IReadOnlyList<SweepSetting> point)
    {
        int first = 0;
        foreach (SweepAxis axis in axes)
        {
            if (axis.Steps.Count == 0 || axis.Steps[0].Count == 0) return false;
            int keys = axis.Steps[0].Count;
            SweepSetting[] own = [.. point.Skip(first).Take(keys)];
            if (!axis.Steps.Any(s => s.Select(k => (k.Key, k.Value)).SequenceEqual(
                own.Select(k => (k.Key, k.Value)))))
                return false;
            first += keys;
        }

        return first == point.Count;
    }

    /// <summary>How many combinations <see cref="Points"/> gives, without making them.</summary>
    public static long Count(IReadOnlyList<SweepAxis> axes) =>
        axes.Aggregate(1L, (count, axis) => Math.Min(count * axis.Steps.Count, int.MaxValue));
}
