using System.Text;
using System.Text.RegularExpressions;
using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Markdown;

/// <summary>
/// A report as Markdown: its words and tables; pictures are in the page beside it.
/// </summary>
internal static partial class MarkdownWriter
{
    /// <summary>The document.</summary>
    public static string Write(ReportDocument report)
    {
        var text = new StringBuilder();
        text.Append($"# {Escape(report.Title)}\n\n{Escape(report.Summary)}\n");
        foreach (ReportSection section in report.Sections)
        {
            text.Append($"\n## {Escape(section.Title)}\n");
            foreach (ReportBlock block in section.Blocks) text.Append('\n').Append(Write(block));
        }

        return text.ToString();
    }

    private static string Write(ReportBlock block) => block switch
    {
        Paragraph { Emphasis: Emphasis.Lead } p => $"**{Escape(p.Text)}**\n",
        Paragraph { Emphasis: Emphasis.Warning } p => $"> {Escape(p.Text)}\n",
        Paragraph { HasFormulas: true } p => Marked(p.Text) + "\n",
        Paragraph p => Escape(p.Text) + "\n",
        Subheading h => $"### {Escape(h.Text)}\n",
        Bullets b => string.Concat(b.Items.Select(i => $"- {Escape(i)}\n")),
        Formula f => $"> {Marked(f.Text)}\n",
        Table t => Write(t),
        Figure f => $"*Figure (in report.html): {Escape(f.Caption)}*\n",
        Gallery g => string.Join('\n', g.Figures.Select(Write)),
        Folded f => string.Join('\n', f.Blocks.Select(Write)),
        _ => throw new ArgumentOutOfRangeException(nameof(block)),
    };

    private static string Marked(string text) =>
        Lowered().Replace(Raised().Replace(Escape(text), "<sup>$1</sup>"), "<sub>$1</sub>");

    private static string Write(Table table)
    {
        bool[] numbers = [.. table.Header.Select((_, i) => table.Rows.Any(r => r[i].IsNumber))];
        var text = new StringBuilder($"{Escape(table.Caption)}:\n\n");
        text.Append($"|{string.Concat(table.Header.Select(h => $" {Escape(h)} |"))}\n");
        text.Append($"|{string.Concat(numbers.Select(n => n ? "--:|" : "---|"))}\n");
        foreach (Cell[] row in table.Rows) text.Append($"|{string.Concat(row.Select(Write))}\n");
        return text.ToString();
    }

    private static string Write(Cell cell) => $" {Escape($"{cell.Text} {cell.Note}".TrimEnd())} |";

    /// <summary>
    /// Takes what Markdown or HTML would read as more than text for what it is; one line.
    /// </summary>
    private static string Escape(string text) =>
        Special()
            .Replace(Untrusted.Line(text), @"\$0")
            .Replace("<", "&lt;");

    [GeneratedRegex(@"[\\`*_\[\]|~$]|^(?=[#>+-])|(?<=^\d+)\.(?=\s|$)|&(?=[#\w])")]
    private static partial Regex Special();

    [GeneratedRegex(@"\^\{([^}]*)\}")]
    private static partial Regex Raised();

    [GeneratedRegex(@"\\_\{([^}]*)\}")]
    private static partial Regex Lowered();
}
