namespace QSim.CudaDriver.Ptx;

/// <summary>Cuts a text into what ends with a semicolon, a colon or a brace.</summary>
internal sealed class Scanner(string text)
{
    private int _at;

    /// <summary>The line that is read next, counted from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Whether anything is left.</summary>
    public bool AtEnd
    {
        get
        {
            SkipBlanks();
            return _at >= text.Length;
        }
    }

    /// <summary>The next character that is no blank; 0 at the end.</summary>
    public char Next => AtEnd ? '\0' : text[_at];

    /// <summary>Takes a character that has to be there.</summary>
    public void Take(char wanted)
    {
        if (Next != wanted)
            throw new PtxException(Line, $"'{wanted}' expected, found '{Next}'");
        _at++;
    }

    /// <summary>Takes the rest of the line.</summary>
    public string RestOfLine() => Until('\n');

    /// <summary>Takes what stands before a character, and not the character.</summary>
    public string Until(char end)
    {
        SkipBlanks();
        int begin = _at;
        while (_at < text.Length && text[_at] != end) Step();
        return WithoutComments(text[begin.._at]);
    }

    /// <summary>A name, a number, a directive or an instruction with its modifiers.</summary>
    public string Word()
    {
        SkipBlanks();
        int begin = _at;
        while (_at < text.Length && IsOfWord(text[_at])) _at++;
        return _at > begin
            ? text[begin.._at]
            : throw new PtxException(Line, $"a word expected, found '{Next}'");
    }

    /// <summary>Whether the word that was just taken is a label; takes the colon.</summary>
    public bool TakeColon()
    {
        if (Next != ':') return false;
        _at++;
        return true;
    }

    private static bool IsOfWord(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '%' or '.';

    private static string WithoutComments(string piece)
    {
        int at = piece.IndexOf("//", StringComparison.Ordinal);
        if (at < 0) return piece.Trim();
        return string.Join(' ', piece.Split('\n').Select(l => l.Split("//")[0])).Trim();
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
            if (char.IsWhiteSpace(text[_at]))
                Step();
            else if (text.AsSpan(_at).StartsWith("//"))
                while (_at < text.Length && text[_at] != '\n') _at++;
            else
                return;
    }

    private void Step()
    {
        if (text[_at] == '\n') Line++;
        _at++;
    }
}
