using System.Text.RegularExpressions;

namespace QSim.Simulator;

/// <summary>
/// Text that came from a file, kept short: a message is a line that somebody reads, whatever the
/// file holds.
/// </summary>
internal static partial class Brief
{
    /// <summary>The longest message that may hold anything.</summary>
    public const int Most = 300;

    /// <summary>
    /// The longest message in which every word and whatever is quoted are short: it is QSim's own,
    /// a list of what is supported, say, or advice.
    /// </summary>
    public const int MostOfOwnWords = 1200;

    private const int MostOfName = 60;
    private const int MostOfWord = 120;
    private const string Gap = " ... ";

    /// <summary>A name, or another single word.</summary>
    public static string Name(string text) =>
        text.Length <= MostOfName ? text : text[..(MostOfName - 3)] + "...";

    /// <summary>
    /// A whole message. Where it is long, what is quoted and single words, which may be a file's,
    /// are cut; QSim's own words stay as they are.
    /// </summary>
    public static string Message(string text)
    {
        if (text.Length <= Most) return text;
        string brief = Quoted().Replace(text, m => $"'{Name(m.Groups[1].Value)}'");
        brief = LongWord().Replace(brief, m => WithoutMiddle(m.Value, MostOfWord));
        return WithoutMiddle(brief, MostOfOwnWords);
    }

    private static string WithoutMiddle(string text, int most)
    {
        if (text.Length <= most) return text;
        int end = most / 3;
        int start = most - Gap.Length - end;
        if (char.IsHighSurrogate(text[start - 1])) start--;
        if (char.IsLowSurrogate(text[^end])) end--;
        return $"{text[..start]}{Gap}{text[^end..]}";
    }

    /// <summary>So many of a list, and how many more there are.</summary>
    public static string List<T>(IEnumerable<T> items, int most = 8)
    {
        string[] texts = [.. items.Take(most + 1).Select(i => Name($"{i}"))];
        return texts.Length <= most
            ? string.Join(", ", texts)
            : string.Join(", ", texts[..most]) + ", ...";
    }

    [GeneratedRegex("'([^']{61,})'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\S{121,}")]
    private static partial Regex LongWord();
}
