using System.Text.RegularExpressions;

namespace QSim.Runner.Tests.House;

/// <summary>The repository's C# files, for rules about text.</summary>
internal static partial class SourceTree
{
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

    private static string CodeOf(string line) => Ignored().Replace(line, "");

    /// <summary>Comments to the end of the line, and strings of one line.</summary>
    [GeneratedRegex("""(?<!:)//.*$|"(\\.|[^"\\])*" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Ignored();
}
