using System.Text.RegularExpressions;

namespace QSim.Runner.Tests.House;

/// <summary>Documents that comments cite are in the repository, and so are the sections.</summary>
public partial class CitationTests
{
    private static readonly string[] Documents =
    [
        .. Directory.EnumerateFiles(Shared.Repository, "*.md", SearchOption.AllDirectories)
            .Select(f => '/' + Path.GetRelativePath(Shared.Repository, f).Replace('\\', '/'))
            .Where(f => !f.Contains("/obj/") && !f.Contains("/bin/")),
    ];

    [Fact]
    public void Comments_CiteDocumentsThatExist() => Assert.Equal(
        "",
        string.Join('\n',
            from citation in Citations()
            where !Documents.Any(d => d.EndsWith('/' + citation.Document, StringComparison.Ordinal))
            select $"{citation.Place}: there is no {citation.Document}"));

    [Fact]
    public void Comments_CiteSectionsThatExist()
    {
        var cited = Citations().Where(c => c.Section.Length > 0).ToArray();
        Assert.True(cited.Length > 10, $"{cited.Length} sections cited");
        Assert.Equal(
            "",
            string.Join('\n',
                from citation in cited
                where !Documents
                    .Where(d => d.EndsWith('/' + citation.Document, StringComparison.Ordinal))
                    .Any(d => HasSection(
                        File.ReadAllLines(Shared.Repository + d), citation.Section))
                select $"{citation.Place}: {citation.Document} has no section {citation.Section}"));
    }

    /// <summary>Section 4 has a heading; 4.5 is item 5 of the list below it.</summary>
    private static bool HasSection(string[] lines, string section)
    {
        string[] parts = section.Split('.');
        int heading = Array.FindIndex(
            lines, l => l.StartsWith($"## {parts[0]}. ", StringComparison.Ordinal));
        return heading >= 0 && (parts.Length == 1 || lines
            .Skip(heading + 1)
            .TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
            .Any(l => l.StartsWith($"{parts[1]}. ", StringComparison.Ordinal)));
    }

    private static IEnumerable<(string Place, string Document, string Section)> Citations() =>
        from file in SourceTree.Files("src", "tests", "bench")
        let text = string.Join('\n', file.Lines.Select(CommentOf))
        from Match match in Citation().Matches(text)
        let line = text.AsSpan(0, match.Index).Count('\n') + 1
        select (
            $"{file.Path}:{line}", match.Groups["document"].Value,
            match.Groups["section"].Value);

    private static string CommentOf(string line) => Comment().Match(line) is { Success: true } found
        ? found.Groups["text"].Value
        : "";

    [GeneratedRegex(@"(?<!:)///?(?<text>.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex(
        @"(?<document>[A-Za-z][\w/-]*\.md)\b(\s+section\s+(?<section>\d+(\.\d+)?))?")]
    private static partial Regex Citation();
}
