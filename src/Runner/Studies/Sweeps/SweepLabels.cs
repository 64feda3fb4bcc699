namespace QSim.Runner.Studies.Sweeps;

/// <summary>Short names for the points of a sweep.</summary>
internal static class SweepLabels
{
    /// <summary>
    /// The shortest end of each dotted key that tells it from the others: <c>bits</c> for
    /// <c>mac.accumulator.bits</c>, but <c>weight.bits</c> beside <c>activation.bits</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<string> keys)
    {
        string[] all = [.. keys.Distinct()];
        return all.ToDictionary(
            key => key, key => Ends(key).First(end => all.Count(k => Ends(k).Contains(end)) == 1));
    }

    /// <summary>The name of one point: <c>int8-wide bits=16 overflow=WRAP</c>.</summary>
    public static string Name(
        string profile, IReadOnlyList<SweepSetting> point,
        IReadOnlyDictionary<string, string> labels) =>
        string.Join(' ', point.Select(s => $"{labels[s.Key]}={s.Value}").Prepend(profile));

    private static IEnumerable<string> Ends(string key)
    {
        string[] parts = key.Split('.');
        return Enumerable.Range(1, parts.Length).Select(n => string.Join('.', parts[^n..]));
    }
}
