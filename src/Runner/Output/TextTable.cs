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

    /// <summary>Paths and digests are longer, and broken.</summary>
    private const int MostWord = 40;

    /// <summary>Columns whose cells are aligned to the right, as numbers are.</summary>
    public IReadOnlySet<int> RightAligned { get; init; } = new HashSet<int>();

    /// <summary>A line above the table; none when null.</summary>
    public string? Title { get; init; }

    /// <summary>Writes it as a result.</summary>
    public void Write(Screen screen)
    {
        TextTable safe = Safe();
        if (!screen.OutIsTerminal) screen.Out.Write(safe.Plain());
        else
            foreach (TextTable part in safe.Parts(screen.OutConsole.Profile.Width))
                screen.OutConsole.Write(part.Boxed(screen.OutConsole.Profile.Width));
    }

    /// <summary>
    /// The table in as many parts as a terminal's width asks, that no word is broken: each has the
    /// columns that say what a row is of.
    /// </summary>
    public IEnumerable<TextTable> Parts(int width)
    {
        int[] least = [.. Enumerable.Range(0, Headers.Count).Select(Least)];
        int keys = Enumerable.Range(0, Headers.Count).TakeWhile(c => !RightAligned.Contains(c))
            .Count();
        if (keys == 0 || Boxed(least[..keys]) > width / 2) keys = 1;
        var part = new List<int>();
        for (int c = keys; c < least.Length; c++)
        {
            if (part.Count > 0
                && Boxed([.. least[..keys], .. part.Select(p => least[p]), least[c]]) > width)
            {
                yield return Of([.. Enumerable.Range(0, keys), .. part]);
                part.Clear();
            }

            part.Add(c);
        }

        yield return Of([.. Enumerable.Range(0, keys), .. part]);
    }

    /// <summary>Aligned columns, a rule under the headers, lines ending in <c>\n</c>.</summary>
    public string Plain()
    {
        int[] widths = [.. Enumerable.Range(0, Headers.Count).Select(Most)];
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

    private IEnumerable<string> Column(int c) => Rows.Select(r => r[c]).Prepend(Headers[c]);

    private int Most(int c) => Column(c).Max(t => t.Length);

    /// <summary>Numbers stay on one line, and so does each word of a text that is one.</summary>
    private int Least(int c) => RightAligned.Contains(c)
        ? Most(c)
        : Math.Min(MostWord, Column(c).SelectMany(t => t.Split(' ')).Max(w => w.Length));

    /// <summary>How wide a boxed table of such columns is.</summary>
    private static int Boxed(IEnumerable<int> widths) => 1 + widths.Sum(w => w + Gap.Length);

    private TextTable Of(int[] columns) => this with
    {
        Headers = [.. columns.Select(c => Headers[c])],
        Rows = [.. Rows.Select(r => (string[])[.. columns.Select(c => r[c])])],
        RightAligned = columns.Index().Where(c => RightAligned.Contains(c.Item))
            .Select(c => c.Index).ToHashSet(),
    };

    /// <summary>Widths of columns: what all lack is shared out to those that have least.</summary>
    private int[] Shared(int width)
    {
        int[] widths = [.. Enumerable.Range(0, Headers.Count).Select(Least)];
        while (Boxed(widths) < width
            && Enumerable.Range(0, widths.Length).Where(c => widths[c] < Most(c))
                .Select(c => (int?)c).MinBy(c => widths[c!.Value]) is { } narrow)
            widths[narrow]++;
        return widths;
    }

    private Table Boxed(int width)
    {
        int[] widths = Shared(width);
        var table = new Table().Border(TableBorder.Horizontal);
        if (Title is not null) table.Title(Markup.Escape(Title));
        for (int c = 0; c < Headers.Count; c++)
        {
            var column = new TableColumn($"[bold]{Markup.Escape(Headers[c])}[/]");
            column.PadLeft(0).PadRight(1).Width(widths[c]);
            if (RightAligned.Contains(c)) column.RightAligned().NoWrap();
            table.AddColumn(column);
        }

        foreach (IReadOnlyList<string> row in Rows) table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
