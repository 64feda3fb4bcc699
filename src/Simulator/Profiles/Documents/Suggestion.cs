namespace QSim.Simulator.Profiles.Documents;

/// <summary>"Did you mean": the known word nearest to one that is not known.</summary>
internal static class Suggestion
{
    /// <summary>
    /// The nearest word within a third of its length in edits, or one that it starts with; else
    /// null.
    /// </summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length is 0 or > 60) return null;
        if (Boolean(written) is { } boolean && known.Contains(boolean)) return boolean;
        (string Word, int Distance) best = known
            .Select(w => (w, Distance(written.ToLowerInvariant(), w.ToLowerInvariant())))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(c => c.Item2);
        string? start = known
            .Where(w => w.Length > 2 && written.StartsWith(w, StringComparison.OrdinalIgnoreCase))
            .MaxBy(w => w.Length);
        if (start is not null && best.Distance > 1) return start;
        return best.Distance <= Math.Max(1, best.Word.Length / 3) ? best.Word : null;
    }

    /// <summary>What YAML 1.1 took for true and false.</summary>
    private static string? Boolean(string written) => written.ToLowerInvariant() switch
    {
        "yes" or "on" or "y" => "true",
        "no" or "off" or "n" => "false",
        _ => null,
    };

    /// <summary>As <c>; did you mean 'bits'?</c>, or nothing.</summary>
    public static string Hint(string written, IEnumerable<string> known) =>
        Nearest(written, known) is { } word ? $"; did you mean '{word}'?" : "";

    /// <summary>
    /// Insertions, deletions, replacements and swaps of neighbours that lead from a to b.
    /// </summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replaced, 1 + Math.Min(d[i - 1, j], d[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], 1 + d[i - 2, j - 2]);
            }
        }

        return d[a.Length, b.Length];
    }
}
