using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using QSim.Runner.Output;

namespace QSim.Runner.Reports;

/// <summary>How QSim writes CSV: a header in snake_case, commas, one record per row.</summary>
internal static class Csv
{
    /// <summary>The document of some records.</summary>
    public static string Of<T>(IEnumerable<T> records)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, configuration))
        {
            foreach (var property in typeof(T).GetProperties())
                csv.WriteField(
                    System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            csv.NextRecord();
            foreach (T record in records)
            {
                foreach (var property in typeof(T).GetProperties())
                    csv.WriteField(
                        property.GetValue(record) is var value && value is string word
                            ? Untrusted.CsvCell(word)
                            : value);
                csv.NextRecord();
            }
        }

        return text.ToString();
    }
}
