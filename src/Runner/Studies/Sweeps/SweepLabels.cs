using System.Text.RegularExpressions;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>Short names for the points of a sweep.</summary>
internal static partial class SweepLabels
{
    /// <summary>
    /// The shortest end of each dotted key that tells it from the others: <c>bits</c> for
    /// <c>mac.accumulator.bits</c>, but <c>weight.bits</c> beside <c>activation.bits</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<string> keys)
    {
        string[] all = [.. keys.Distinct()];
        return all.ToDictionary(
            key => key,
            key => Ends(key).First(
                end => end == key || all.Count(k => Ends(k).Contains(end)) == 1));
    }

    /// <summary>The name of one point: <c>int8-wide bits=16 overflow=WRAP</c>.</summary>
    public static string Name(
        string profile, IReadOnlyList<SweepSetting> point,
        IReadOnlyDictionary<string, string> labels) =>
        string.Join(' ', point.Select(s => $"{labels[s.Key]}={s.Value}").Prepend(profile));

    private static IEnumerable<string> Ends(string key)
    {
        string[] parts = Dot().Split(key);
        return Enumerable.Range(1, parts.Length).Select(n => string.Join('.', parts[^n..]));
    }

    /// <summary>Between steps, not within the name of a layer in brackets.</summary>
    [GeneratedRegex(@"\.(?![^\[]*\])", RegexOptions.CultureInvariant)]
    private static partial Regex Dot();
}
