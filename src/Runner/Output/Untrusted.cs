using System.Globalization;
using System.Text;

namespace QSim.Runner.Output;

/// <summary>
/// Words that came from a file, made safe for where they go: names of layers, profiles and files
/// may hold anything. All that a terminal would obey, or that turns text around, is written out as
/// <c>\x1b</c> or <c>\u202e</c>; ordinary text stays as it is.
/// </summary>
internal static class Untrusted
{
    /// <summary>A spreadsheet takes a cell that begins so for a formula.</summary>
    private const string FormulaStarts = "=+-@\t\r";

    /// <summary>For one line of a terminal, a page or a text file.</summary>
    public static string Line(string text) => Visible(text, keepsLines: false);

    /// <summary>The same where the text has several lines.</summary>
    public static string Lines(string text) => Visible(text, keepsLines: true);

    /// <summary>For a cell of a CSV file: no formula.</summary>
    public static string CsvCell(string text)
    {
        string line = Line(text);
        return line.Length > 0 && FormulaStarts.Contains(line[0]) ? "'" + line : line;
    }

    /// <summary>For a file's name: no folder, nothing that a shell or a system minds.</summary>
    public static string FileName(string text) => string.Concat(text.Select(c =>
        char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '=' ? c : '_'));

    /// <summary>For a string that stands in a JSON document; other text must hold none.</summary>
    public static string Json(string document)
    {
        if (!document.Any(IsToEscape)) return document;
        var text = new StringBuilder(document.Length);
        foreach (char c in document)
            if (IsToEscape(c))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        return text.ToString();
    }

    private static bool IsToEscape(char c) => c != '\n' && !char.IsSurrogate(c) && IsHidden(c);

    private static string Visible(string text, bool keepsLines)
    {
        bool IsFine(char c) => !IsHidden(c) || (keepsLines && c is ('\n' or '\t'));
        if (text.All(IsFine)) return text;
        var line = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsBmp && IsFine((char)rune.Value))
                line.Append((char)rune.Value);
            else if (rune.IsBmp || IsHidden(Rune.GetUnicodeCategory(rune)))
                line.Append(
                    CultureInfo.InvariantCulture,
                    $"{(rune.Value < 256 ? $"\\x{rune.Value:x2}" : $"\\u{rune.Value:x4}")}");
            else
                line.Append(rune);
        }

        return line.ToString();
    }

    private static bool IsHidden(char c) => IsHidden(char.GetUnicodeCategory(c));

    private static bool IsHidden(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
