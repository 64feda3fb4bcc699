namespace QSim.Simulator;

/// <summary>
/// Text that came from a file, kept short: a message is a line that somebody reads, whatever the
/// file holds.
/// </summary>
public static class Brief
{
    /// <summary>The longest message.</summary>
    public const int Most = 300;

    private const int MostOfName = 60;
    private const string Gap = " ... ";

    /// <summary>A name, or another single word.</summary>
    public static string Name(string text) =>
        text.Length <= MostOfName ? text : text[..(MostOfName - 3)] + "...";

    /// <summary>
    /// A whole message. It begins with the place and often ends with what is allowed: what is too
    /// much goes from its middle.
    /// </summary>
    public static string Message(string text, int most = Most)
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
}
