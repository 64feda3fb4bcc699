using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using QSim.Runner.Output;

namespace QSim.Runner.Reports;

/// <summary>How QSim writes CSV: a header in snake_case, commas, one record per row.</summary>
internal static class Csv
{
    private static CsvConfiguration Configuration { get; } =
        new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>The document of rows of words and numbers.</summary>
    public static string OfTable(
        IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, Configuration))
            foreach (IReadOnlyList<string> row in rows.Prepend(header))
            {
                foreach (string cell in row)
                    csv.WriteField(
                        IsNumber(cell) ? cell : Untrusted.CsvCell(cell));
                csv.NextRecord();
            }

        return text.ToString();
    }

    /// <summary>The document of some records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="swept">Columns that follow those of records about a target.</param>
    public static string Of<T>(IEnumerable<T> records, SweptColumns swept)
    {
        IReadOnlyList<ReportColumn<T>> columns = ReportColumns.Of<T>(swept);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, Configuration))
        {
            foreach (ReportColumn<T> column in columns) csv.WriteField(column.Name);
            csv.NextRecord();
            foreach (T record in records)
            {
                foreach (ReportColumn<T> column in columns)
                    csv.WriteField(
                        column.Of(record) is var value && value is string word
                            && !(column.IsSwept && IsNumber(word))
                            ? Untrusted.CsvCell(word)
                            : value);
                csv.NextRecord();
            }
        }

        return text.ToString();
    }

    private static bool IsNumber(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
