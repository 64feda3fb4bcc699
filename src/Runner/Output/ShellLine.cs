using System.Text.RegularExpressions;

namespace QSim.Runner.Output;

/// <summary>Commands as a shell takes them: words with quotes where one needs them.</summary>
internal static partial class ShellLine
{
    /// <summary>The line of some words.</summary>
    public static string Of(params IEnumerable<string> words) =>
        string.Join(' ', words.Select(Word));

    /// <summary>One word of a line.</summary>
    public static string Word(string word) =>
        Plain().IsMatch(word) ? word : $"'{word.Replace("'", "'\\''")}'";

    [GeneratedRegex(@"^[\p{L}\p{Nd}_./:=,@%+-]+\z")]
    private static partial Regex Plain();
}
