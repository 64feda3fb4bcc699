using System.Globalization;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>What varies in a sweep: a key, keys of a zip together, or the profile.</summary>
/// <param name="Key">Dotted, several joined by +; <see cref="ProfileKey"/> for the profile.</param>
/// <param name="Label">The same as short as it can be.</param>
/// <param name="Levels">Its values as they are written, numbers ascending.</param>
/// <param name="Numbers">The values as numbers; null where they are words.</param>
internal sealed record SweepFactor(
    string Key, string Label, IReadOnlyList<string> Levels, IReadOnlyList<double>? Numbers)
{
    /// <summary>The key that stands for the profiles of a study.</summary>
    public const string ProfileKey = "profile";

    /// <summary>A factor with its values in order.</summary>
    public static SweepFactor Of(string key, string label, IReadOnlyList<string> levels)
    {
        double[] numbers =
        [
            .. levels.Select(l => double.TryParse(
                l, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number)
                    ? number
                    : double.NaN),
        ];
        if (numbers.Length < 2 || numbers.Any(double.IsNaN)
            || numbers.Distinct().Count() < numbers.Length)
            return new(key, label, levels, null);
        int[] order = [.. Enumerable.Range(0, numbers.Length).OrderBy(i => numbers[i])];
        return new(
            key, label, [.. order.Select(i => levels[i])], [.. order.Select(i => numbers[i])]);
    }
}
