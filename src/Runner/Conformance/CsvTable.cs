using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Conformance;

/// <summary>
/// Comma-separated rows under a header, columns in any order, every field with its place.
/// </summary>
internal sealed class CsvTable
{
    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture)
    {
        TrimOptions = TrimOptions.Trim,
        IgnoreBlankLines = false,
        BadDataFound = null,
        ShouldSkipRecord = record => !IsRow(record.Row.Parser.RawRecord),
    };

    private readonly string _file;
    private readonly string _text;
    private readonly Record _header;

    /// <summary>
    /// Reads the header; blank lines and lines that begin with <c>#</c> do not count.
    /// </summary>
    /// <exception cref="InputException">There is no header, or a column repeats.</exception>
    public CsvTable(string file, string text)
    {
        (_file, _text) = (file, text.TrimStart('\uFEFF'));
        _header = Records().FirstOrDefault()
            ?? throw InputBytes.Error(file, "the file is empty");
        foreach (IGrouping<string, string> same
            in Columns.GroupBy(c => c).Where(g => g.Count() > 1))
            throw InputBytes.Error(file, HeaderLine, 1, $"column '{same.Key}' appears twice");
    }

    /// <summary>The header.</summary>
    public IReadOnlyList<string> Columns => _header.Fields;

    /// <summary>Line of the header, from 1.</summary>
    public int HeaderLine => _header.Line;

    /// <summary>The rows, in file order.</summary>
    /// <exception cref="InputException">
    /// A row has another number of fields than the header.
    /// </exception>
    public IEnumerable<CsvRow> Rows()
    {
        foreach (Record record in Records().Skip(1))
        {
            if (record.Fields.Length != Columns.Count)
            {
                throw InputBytes.Error(
                    _file, record.Line, 1,
                    $"{record.Fields.Length} fields where the header names {Columns.Count}");
            }

            yield return new CsvRow(
                _file, record.Line, record.Text.Trim(), Columns,
                [.. record.Fields.Zip(Starts(record.Text))]);
        }
    }

    /// <summary>Refuses a column that may mean something and is not understood.</summary>
    internal InputException Unknown(string column, IEnumerable<string> known) =>
        InputBytes.Error(
            _file, HeaderLine,
            Starts(_header.Text).ElementAt(Array.IndexOf(_header.Fields, column)),
            $"unknown column{Suggestion.Hint(column, known)} (supported: "
                + $"{string.Join(", ", known)})",
            column);

    private IEnumerable<Record> Records()
    {
        using var csv = new CsvReader(new StringReader(_text), Format);
        while (csv.Read())
        {
            string text = csv.Parser.RawRecord.TrimEnd('\r', '\n');
            yield return new(
                csv.Parser.RawRow - text.Count(c => c == '\n'), text, [.. csv.Parser.Record!]);
        }
    }

    private static bool IsRow(string line) =>
        !string.IsNullOrWhiteSpace(line) && line.TrimStart()[0] != '#';

    /// <summary>
    /// The column, from 1, in which each field of a record begins, 1 for any more: where quotes are
    /// out of place, the reader of CSV may see other fields than there are commas.
    /// </summary>
    private static IEnumerable<int> Starts(string record) =>
        Commas(record).Concat(Enumerable.Repeat(1, record.Length + 1));

    private static IEnumerable<int> Commas(string record)
    {
        bool isQuoted = false;
        int start = 0;
        for (int i = 0; i <= record.Length; i++)
        {
            if (i < record.Length && record[i] == '"') isQuoted = !isQuoted;
            if (i < record.Length && (isQuoted || record[i] != ',')) continue;
            yield return start + Blanks(record.AsSpan(start..i)) + 1;
            start = i + 1;
        }
    }

    private static int Blanks(ReadOnlySpan<char> field) => field.Length - field.TrimStart().Length;

    /// <summary>A record as it stands in the file.</summary>
    /// <param name="Line">The line that it begins in, from 1.</param>
    /// <param name="Text">As it was written.</param>
    /// <param name="Fields">Without quotes and blanks around them.</param>
    private sealed record Record(int Line, string Text, string[] Fields);
}

/// <summary>One row of a <see cref="CsvTable"/>.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Text">The row as written.</param>
/// <param name="Columns">The header.</param>
/// <param name="Fields">One per column, with the column that it begins in.</param>
internal sealed record CsvRow(
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
