using System.Globalization;

namespace QSim.Runner.Reports.Documents;

/// <summary>How reports spell numbers.</summary>
internal static class Words
{
    /// <summary>A share in percent, without the sign: <c>72.4</c>.</summary>
    public static string Percent(double share) =>
        (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A share with its counts: <c>72.4 % (362 of 500)</c>.</summary>
    public static string Percent(long part, long whole) =>
        whole == 0 ? "none of 0" : $"{Percent((double)part / whole)} % ({part} of {whole})";

    /// <summary>Points of accuracy with their sign: <c>+1.4</c>.</summary>
    public static string Points(double difference) =>
        (100 * difference).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary>A budget or a crossing.</summary>
    public static string Epsilon(double value) =>
        value.ToString("0.####", CultureInfo.InvariantCulture);

    public static string Probability(double p) => p switch
    {
        >= 0.001 => p.ToString("0.000", CultureInfo.InvariantCulture),
        _ => p.ToString("0.0e+0", CultureInfo.InvariantCulture),
    };

    /// <summary>A number with four digits that count.</summary>
    public static string Number(double value) => value.ToString("g4", CultureInfo.InvariantCulture);

    /// <summary>
    /// A large count in groups of three: <c>1 234 567</c>, with spaces that do not break.
    /// </summary>
    public static string Count(long value) =>
        value.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '\u202F');

    /// <summary><c>1 image</c>, <c>2 images</c>.</summary>
    public static string Plural(long count, string one) =>
        $"{count} {one}{(count == 1 ? "" : "s")}";

    /// <summary><c>a</c>; <c>a and b</c>; <c>a, b and c</c>.</summary>
    public static string List(IReadOnlyList<string> items) => items.Count switch
    {
        0 => "",
        1 => items[0],
        _ => $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}",
    };

    /// <summary>A text in lines of so many columns, all but the first indented.</summary>
    public static IEnumerable<string> Wrapped(string text, int width)
    {
        for (string indent = ""; ; indent = "  ")
        {
            if (indent.Length + text.Length <= width)
            {
                yield return indent + text;
                yield break;
            }

            int end = text.LastIndexOf(' ', width - indent.Length);
            if (end <= 0) end = text.IndexOf(' ', width - indent.Length);
            if (end < 0) end = text.Length;
            yield return indent + text[..end];
            if (end == text.Length) yield break;
            text = text[(end + 1)..];
        }
    }
}
