using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Text;

/// <summary>A report's table as plain text, in as many parts as its width asks.</summary>
internal static class TextTables
{
    private const int Width = 110;
    private const int Gap = 2;

    /// <summary>The parts; each has the table's key columns.</summary>
    public static IEnumerable<TextTable> Of(Table table)
    {
        int[] widths =
        [
            .. table.Header.Select((h, c) =>
                table.Rows.Select(r => Text(r[c]).Length).Append(h.Length).Max() + Gap),
        ];
        int[] keys = [.. Enumerable.Range(0, table.KeyColumns)];
        int room = Width - keys.Sum(c => widths[c]);
        var part = new List<int>();
        for (int c = keys.Length; c < widths.Length; c++)
        {
            if (part.Count > 0 && part.Sum(p => widths[p]) + widths[c] > room)
            {
                yield return Part(table, [.. keys, .. part]);
                part.Clear();
            }

            part.Add(c);
        }

        yield return Part(table, [.. keys, .. part]);
    }

    private static TextTable Part(Table table, int[] columns) => new(
        [.. columns.Select(c => table.Header[c])],
        [.. table.Rows.Select(r => columns.Select(c => Text(r[c])).ToArray())])
    {
        Title = table.Title is "" ? null : table.Title ?? table.Caption,
        RightAligned = columns.Index()
            .Where(c => table.Rows.Any(r => r[c.Item].IsNumber))
            .Select(c => c.Index)
            .ToHashSet(),
    };

    private static string Text(Cell cell) => (cell.Brief ?? cell.Text).Replace('–', '-');
}
