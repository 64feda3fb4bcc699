using System.Globalization;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Conformance;

/// <summary>
/// Comma-separated rows under a header, columns in any order, every field with its place.
/// </summary>
public sealed class CsvTable
{
    private readonly string _file;
    private readonly string[] _lines;
    private readonly int _headerLine;

    /// <summary>
    /// Reads the header; blank lines and lines that begin with <c>#</c> do not count.
    /// </summary>
    /// <exception cref="InputException">There is no header, or a column repeats.</exception>
    public CsvTable(string file, string text)
    {
        _file = file;
        _lines = text.TrimStart('\uFEFF').Split('\n');
        _headerLine = Array.FindIndex(_lines, IsRow);
        if (_headerLine < 0) throw InputBytes.Error(file, 1, 1, "the file is empty");
        Columns = [.. Fields(_lines[_headerLine]).Select(f => f.Text)];
        foreach (IGrouping<string, string> same
            in Columns.GroupBy(c => c).Where(g => g.Count() > 1))
            throw InputBytes.Error(file, _headerLine + 1, 1, $"column '{same.Key}' appears twice");
    }

    /// <summary>The header.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Line of the header, from 1.</summary>
    public int HeaderLine => _headerLine + 1;

    /// <summary>The rows, in file order.</summary>
    /// <exception cref="InputException">
    /// A row has another number of fields than the header.
    /// </exception>
    public IEnumerable<CsvRow> Rows()
    {
        for (int i = _headerLine + 1; i < _lines.Length; i++)
        {
            if (!IsRow(_lines[i])) continue;
            (string, int)[] fields = [.. Fields(_lines[i])];
            if (fields.Length != Columns.Count)
            {
                throw InputBytes.Error(
                    _file, i + 1, 1,
                    $"{fields.Length} fields where the header names {Columns.Count}");
            }

            yield return new CsvRow(_file, i + 1, _lines[i].Trim(), Columns, fields);
        }
    }

    /// <summary>Refuses a column that may mean something and is not understood.</summary>
    internal InputException Unknown(string column, IEnumerable<string> known)
    {
        (_, int at) = Fields(_lines[_headerLine]).First(f => f.Text == column);
        return InputBytes.Error(
            _file, HeaderLine, at,
            $"unknown column{Suggestion.Hint(column, known)} (supported: "
                + $"{string.Join(", ", known)})",
            column);
    }

    private static bool IsRow(string line) =>
        !string.IsNullOrWhiteSpace(line) && line.TrimStart()[0] != '#';

    private static IEnumerable<(string Text, int Column)> Fields(string line)
    {
        int start = 0;
        foreach (string field in line.Split(','))
        {
            int blanks = field.Length - field.TrimStart().Length;
            yield return (field.Trim().Trim('"'), start + blanks + 1);
            start += field.Length + 1;
        }
    }
}

/// <summary>One row of a <see cref="CsvTable"/>.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Text">The row as written.</param>
/// <param name="Columns">The header.</param>
/// <param name="Fields">One per column, with the column that it begins in.</param>
public sealed record CsvRow(
    string File, int Line, string Text, IReadOnlyList<string> Columns,
    (string Text, int Column)[] Fields)
{
    /// <summary>True when the file has the column.</summary>
    public bool Has(string column) => IndexOf(column) >= 0;

    /// <summary>The field as written.</summary>
    public string this[string column] => Fields[IndexOf(column)].Text;

    /// <summary>A whole number, decimal or 0x hexadecimal, that a check accepts.</summary>
    /// <exception cref="InputException">It is none, or lies outside.</exception>
    public long Integer(string column, long least = long.MinValue, long most = long.MaxValue)
    {
        string text = this[column];
        bool parsed = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(
                text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture,
                out long value)
            : long.TryParse(
                text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        if (!parsed
        && ulong.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong unsigned))
            (parsed, value) = (true, (long)unsigned);
        if (!parsed)
            throw Error(column, $"'{text}' is not a whole number");
        return value >= least && value <= most
            ? value
            : throw Error(column, $"{text} is not in {least}..{most}");
    }

    /// <summary>0, 1, true or false.</summary>
    /// <exception cref="InputException">It is something else.</exception>
    public bool Flag(string column) => this[column].ToLowerInvariant() switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        string other => throw Error(column, $"'{other}' is neither 0 nor 1"),
    };

    /// <summary>One line about one field.</summary>
    public InputException Error(string column, string message) =>
        InputBytes.Error(File, Line, Fields[Math.Max(0, IndexOf(column))].Column, message, column);

    private int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
            if (Columns[i] == column) return i;
        return -1;
    }
}
