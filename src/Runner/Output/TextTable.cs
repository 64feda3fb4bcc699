using Spectre.Console;

namespace QSim.Runner.Output;

/// <summary>A table of text: boxed on a terminal, aligned plain lines when redirected.</summary>
/// <param name="Headers">One per column.</param>
/// <param name="Rows">One cell per column.</param>
internal sealed record TextTable(
    IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>What is written between two columns of plain text.</summary>
    private const string Gap = "  ";

    /// <summary>Columns whose cells are aligned to the right, as numbers are.</summary>
    public IReadOnlySet<int> RightAligned { get; init; } = new HashSet<int>();

    /// <summary>A line above the table; none when null.</summary>
    public string? Title { get; init; }

    /// <summary>Writes it as a result.</summary>
    public void Write(Screen screen)
    {
        TextTable safe = Safe();
        if (screen.OutIsTerminal) screen.OutConsole.Write(safe.Boxed());
        else screen.Out.Write(safe.Plain());
    }

    /// <summary>Aligned columns, a rule under the headers, lines ending in <c>\n</c>.</summary>
    public string Plain()
    {
        int[] widths =
            [.. Headers.Select((h, c) => Rows.Select(r => r[c].Length).Append(h.Length).Max())];
        IEnumerable<string> lines = Rows.Select(r => Aligned(r, widths));
        lines = lines.Prepend(string.Join(Gap, widths.Select(w => new string('-', w))));
        lines = lines.Prepend(Aligned(Headers, widths));
        if (Title is not null) lines = lines.Prepend(Title);
        return string.Concat(lines.Select(l => l + "\n"));
    }

    /// <summary>Cells often are names that came from files.</summary>
    private TextTable Safe() => this with
    {
        Headers = [.. Headers.Select(Untrusted.Line)],
        Rows = [.. Rows.Select(r => (string[])[.. r.Select(Untrusted.Line)])],
        Title = Title is null ? null : Untrusted.Line(Title),
    };

    private string Aligned(IReadOnlyList<string> cells, int[] widths) =>
        string.Join(Gap, cells.Select((cell, c) => RightAligned.Contains(c)
            ? cell.PadLeft(widths[c])
            : cell.PadRight(widths[c]))).TrimEnd();

    private Table Boxed()
    {
        var table = new Table().Border(TableBorder.Horizontal);
        if (Title is not null) table.Title(Markup.Escape(Title));
        for (int c = 0; c < Headers.Count; c++)
        {
            var column = new TableColumn($"[bold]{Markup.Escape(Headers[c])}[/]");
            column.PadLeft(0).PadRight(1);
            if (RightAligned.Contains(c)) column.RightAligned().NoWrap();
            table.AddColumn(column);
        }

        foreach (IReadOnlyList<string> row in Rows) table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
