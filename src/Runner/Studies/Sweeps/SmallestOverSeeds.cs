using System.Globalization;
using QSim.Runner.Statistics;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>The smallest value of a swept key, seed by seed.</summary>
/// <param name="First">That of the first seed, which says what all are of.</param>
/// <param name="Values">
/// One per seed; null where not even the largest value is within the tolerance.
/// </param>
internal sealed record SmallestOverSeeds(SmallestValue First, IReadOnlyList<string?> Values)
{
    private readonly double[] _found =
    [
        .. Values.OfType<string>().Select(v => double.Parse(v, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Mean and range over the seeds that have one; null where none has.</summary>
    public Spread? Found => _found.Length > 0 ? Spread.Of(_found) : null;

    /// <summary>Seeds that have none.</summary>
    public int Without => Values.Count - _found.Length;

    /// <summary>By key, other keys, budget and reference, in the order of the first seed.</summary>
    public static IReadOnlyList<SmallestOverSeeds> Of(IEnumerable<SmallestValue> values) =>
    [
        .. values.GroupBy(v => (v.Key, v.Others, v.Threat, v.Attack, v.EpsilonValue, v.Reference))
            .Select(g => new SmallestOverSeeds(g.First(), [.. g.Select(v => v.Value)])),
    ];

    /// <summary>
    /// In words: <c>15 in the mean of 2 seeds (14 to 16)</c>, <c>16 for each of 2 seeds</c>.
    /// </summary>
    public override string ToString()
    {
        if (Found is not { } found) return $"none for any of {Values.Count} seeds";
        string none = Without == 0 ? "" : $", none for {Without}";
        string which = found.Count == 1 ? "1 seed" : $"{found.Count} seeds";
        return found.Lowest == found.Highest
            ? $"{Number(found.Lowest)} for {(found.Count == 1 ? "" : "each of ")}{which}{none}"
            : $"{Number(found.Mean)} in the mean of {which} ({Number(found.Lowest)} to "
                + $"{Number(found.Highest)}){none}";
    }

    /// <summary>A value, or a mean of some, as people read it.</summary>
    public static string Number(double value) =>
        value.ToString("0.##", CultureInfo.InvariantCulture);
}
