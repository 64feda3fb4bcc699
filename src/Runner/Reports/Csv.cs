using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using QSim.Runner.Output;

namespace QSim.Runner.Reports;

/// <summary>How QSim writes CSV: a header in snake_case, commas, one record per row.</summary>
internal static class Csv
{
    /// <summary>Properties that name a target, and what their swept columns begin with.</summary>
    private static readonly (string Property, string Prefix)[] Targets =
    [
        ("Target", ""), ("Profile", ""), ("Source", "source."), ("First", "first."),
        ("Second", "second."),
    ];

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
                        double.TryParse(cell, CultureInfo.InvariantCulture, out _)
                            ? cell
                            : Untrusted.CsvCell(cell));
                csv.NextRecord();
            }

        return text.ToString();
    }

    /// <summary>The document of some records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="swept">Columns that follow those of records about a target.</param>
    public static string Of<T>(IEnumerable<T> records, SweptColumns swept)
    {
        (System.Reflection.PropertyInfo Property, string Prefix)[] targets =
        [
            .. Targets.Select(t => (Property: typeof(T).GetProperty(t.Property)!, t.Prefix))
                .Where(t => t.Property?.PropertyType == typeof(string)),
        ];
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, Configuration))
        {
            foreach (var property in typeof(T).GetProperties())
                csv.WriteField(
                    System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            foreach ((_, string prefix) in targets)
                foreach (string key in swept.Keys) csv.WriteField(prefix + key);
            csv.NextRecord();
            foreach (T record in records)
            {
                foreach (var property in typeof(T).GetProperties())
                    csv.WriteField(
                        property.GetValue(record) is var value && value is string word
                            ? Untrusted.CsvCell(word)
                            : value);
                foreach ((System.Reflection.PropertyInfo target, _) in targets)
                    foreach (string value in swept.Of($"{target.GetValue(record)}"))
                        csv.WriteField(
                            double.TryParse(value, CultureInfo.InvariantCulture, out _)
                                ? value
                                : Untrusted.CsvCell(value));
                csv.NextRecord();
            }
        }

        return text.ToString();
    }
}
