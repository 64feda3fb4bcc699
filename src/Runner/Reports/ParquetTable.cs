using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace QSim.Runner.Reports;

/// <summary>
/// How QSim writes Parquet: the columns and values of the CSV file beside it, numbers as such.
/// </summary>
internal static class ParquetTable
{
    /// <summary>The file of the accuracies.</summary>
    public const string ResultsFile = "results.parquet";

    /// <summary>The bytes of some records' file; the same for the same records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="swept">Columns that follow those of records about a target.</param>
    public static byte[] Of<T>(IReadOnlyList<T> records, SweptColumns swept)
    {
        Column[] columns =
        [
            .. ReportColumns.Of<T>(swept).Select(
                c => Of(c.Name, c.IsSwept, c.Type, [.. records.Select(c.Of)])),
        ];
        using var file = new MemoryStream();
        Write(file, columns).GetAwaiter().GetResult();
        return file.ToArray();
    }

    private static async Task Write(Stream file, Column[] columns)
    {
        var schema = new ParquetSchema([.. columns.Select(c => c.Field)]);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file);
        using ParquetRowGroupWriter rows = writer.CreateRowGroup();
        foreach (Column column in columns) await column.Write(rows);
    }

    private static Column Of(string name, bool isSwept, Type type, object?[] values)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (isSwept && Numbers(values) is { } numbers) return Of(name, numbers);
        return plain == typeof(int) ? Of(name, Cast<int>(values))
            : plain == typeof(long) ? Of(name, Cast<long>(values))
            : plain == typeof(ulong) ? Of(name, Cast<ulong>(values))
            : plain == typeof(double) ? Of(name, Cast<double>(values))
            : plain == typeof(bool) ? Of(name, Cast<bool>(values))
            : OfText(name, values);
    }

    private static T?[] Cast<T>(object?[] values)
        where T : struct => [.. values.Select(v => (T?)v)];

    /// <summary>What a sweep says, as numbers where it is; nothing is no number.</summary>
    private static double?[]? Numbers(object?[] values)
    {
        var numbers = new double?[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is null or "") continue;
            if (!double.TryParse(
                values[i] as string, NumberStyles.Float, CultureInfo.InvariantCulture,
                out double number))
                return null;
            numbers[i] = number;
        }

        return numbers;
    }

    private static Column Of<T>(string name, T?[] values)
        where T : struct
    {
        var field = new DataField(name, typeof(T), isNullable: true, null, null);
        return new(
            field, rows => rows.WriteAsync<T>(field, values.AsMemory(), null, null, default));
    }

    private static Column OfText(string name, object?[] values)
    {
        var field = new DataField(name, typeof(string), isNullable: true, null, null);
        string?[] words =
        [
            .. values.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture))
                .Select(w => w is "" ? null : w),
        ];
        return new(field, rows => rows.WriteAsync(field, words!, null));
    }

    private sealed record Column(DataField Field, Func<ParquetRowGroupWriter, Task> Write);
}
