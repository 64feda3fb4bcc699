using System.Text.RegularExpressions;

namespace QSim.Runner.Tests.House;

/// <summary>The repository's C# files, for rules about text.</summary>
internal static partial class SourceTree
{
    private const string Quotes = "\"\"\"";

    /// <summary>
    /// Every C# file under some folders: its path from the root with '/', and its lines.
    /// </summary>
    public static IEnumerable<(string Path, string[] Lines)> Files(params string[] folders) =>
        from folder in folders
        let root = Path.Combine(Shared.Repository, folder)
        where Directory.Exists(root)
        from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Shared.Repository, file).Replace('\\', '/')
        where !path.Contains("/obj/") && !path.Contains("/bin/")
        orderby path
        select (path, File.ReadAllLines(file));

    /// <summary>
    /// Every line of code, without comments and strings, that matches; as <c>path:line: code</c>.
    /// </summary>
    public static IEnumerable<string> Matches(Regex pattern, params string[] folders) =>
        from file in Files(folders)
        from line in file.Lines.Select((text, index) => (Text: CodeOf(text), Number: index + 1))
        where pattern.IsMatch(line.Text)
        select $"{file.Path}:{line.Number}: {line.Text.Trim()}";

    /// <summary>
    /// How wide lines are; those of a raw string without the indentation that it does not have.
    /// </summary>
    public static IEnumerable<(int Number, int Count)> Columns(string[] lines)
    {
        int indentation = 0;
        for (int i = 0, end = -1; i < lines.Length; i++)
        {
            if (i > end && RawStart().IsMatch(lines[i]))
            {
                end = Array.FindIndex(lines, i + 1, l => l.TrimStart().StartsWith(Quotes));
                indentation = lines[end].Length - lines[end].TrimStart().Length;
                yield return (i + 1, lines[i].Length);
            }
            else
                yield return (i + 1, lines[i].Length - (i < end ? indentation : 0));
        }
    }

    private static string CodeOf(string line) => Ignored().Replace(line, "");

    /// <summary>A raw string that begins here and goes on in the next line.</summary>
    [GeneratedRegex(Quotes + "$")]
    private static partial Regex RawStart();

    /// <summary>Comments to the end of the line, and strings of one line.</summary>
    [GeneratedRegex("""(?<!:)//.*$|"(\\.|[^"\\])*" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Ignored();
}
