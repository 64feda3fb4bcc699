using System.Globalization;
using CsvHelper;
using Parquet;
using Parquet.Schema;
using QSim.Attacks.Evaluation;
using QSim.Runner.Reports;
using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Reports;

/// <summary>results.parquet says what results.csv says, with types.</summary>
public class ParquetTests
{
    private static readonly SweptColumns Swept = new(new StudySettings
    {
        Sweep =
        [
            new([
                [new("mac.accumulator.bits", "6")], [new("mac.accumulator.bits", "16")],
            ]),
            new([[new("weight.fraction_bits", "-2")], [new("weight.fraction_bits", "calibrated")]]),
        ],
    });

    private static readonly AccuracyCell[] Cells =
    [
        new(ulong.MaxValue, null, "float", "none", "0", 0, 12, 13, 12.0 / 13, 0.1, 1 - 1e-17),
        new(
            1, ThreatModel.Hardware, "int4 bits=16 fraction_bits=-2", "=pgd, \"x\"", "8/255",
            8.0 / 255, 0, 13, 0, double.Epsilon, 1.0 / 3),
        new(2, ThreatModel.Transfer, "a bits=6 fraction_bits=calibrated", "µ", "1", 1, 1, 2, 0.5,
            0, 1),
    ];

    [Fact]
    public async Task Of_Accuracies_HasTheColumnsAndValuesOfTheCsv()
    {
        (string[] header, string[][] rows) = Table(Csv.Of(Cells, Swept));
        (DataField[] fields, string[][] columns) = await Read(ParquetTable.Of(Cells, Swept));

        Assert.Equal(header, fields.Select(f => f.Name));
        Assert.Equal(
            ["", "hardware", "transfer"], rows.Select(r => r[Array.IndexOf(header, "threat")]));
        Assert.Equal(
            [
                typeof(ulong), typeof(string), typeof(string), typeof(string), typeof(string),
                typeof(double), typeof(int), typeof(int), typeof(double), typeof(double),
                typeof(double), typeof(double), typeof(string),
            ],
            fields.Select(f => IsText(f) ? typeof(string) : f.ClrType));
        for (int row = 0; row < rows.Length; row++)
            // A spreadsheet takes "=" for a formula; Parquet has words.
            Assert.Equal(rows[row].Select(v => v.TrimStart('\'')), columns.Select(c => c[row]));
    }

    [Fact]
    public async Task Of_NoRecords_HasTheColumns()
    {
        (DataField[] fields, string[][] columns) =
            await Read(ParquetTable.Of<AccuracyCell>([], Swept));

        Assert.Equal(13, fields.Length);
        Assert.All(columns, Assert.Empty);
    }

    [Fact]
    public void Of_TheSameRecords_IsTheSameBytes() =>
        Assert.Equal(ParquetTable.Of(Cells, Swept), ParquetTable.Of(Cells, Swept));

    private static (string[] Header, string[][] Rows) Table(string csv)
    {
        using var reader = new CsvReader(new StringReader(csv), CultureInfo.InvariantCulture);
        reader.Read();
        reader.ReadHeader();
        var rows = new List<string[]>();
        while (reader.Read()) rows.Add(reader.Parser.Record!);
        return (reader.HeaderRecord!, [.. rows]);
    }

    /// <summary>Values as a CSV file has them, column by column.</summary>
    private static async Task<(DataField[] Fields, string[][] Columns)> Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        await using ParquetReader reader = await ParquetReader.CreateAsync(stream);
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(0);
        var columns = new List<string[]>();
        foreach (DataField field in reader.Schema.DataFields)
            columns.Add(IsText(field) ? await Words(rows, field)
                : field.ClrType == typeof(int) ? await Numbers<int>(rows, field)
                : field.ClrType == typeof(ulong) ? await Numbers<ulong>(rows, field)
                : await Numbers<double>(rows, field));
        return (reader.Schema.DataFields, [.. columns]);
    }

    /// <summary>The library reads words as slices of characters.</summary>
    private static bool IsText(DataField field) =>
        field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    private static async Task<string[]> Words(ParquetRowGroupReader rows, DataField field)
    {
        var values = new string?[(int)rows.RowCount];
        await rows.ReadAsync(field, values.AsMemory(), null, default);
        return [.. values.Select(v => v ?? "")];
    }

    private static async Task<string[]> Numbers<T>(ParquetRowGroupReader rows, DataField field)
        where T : struct, IFormattable
    {
        var values = new T?[(int)rows.RowCount];
        await rows.ReadAsync<T>(field, values.AsMemory(), null, default);
        return [.. values.Select(v => v?.ToString(null, CultureInfo.InvariantCulture) ?? "")];
    }
}
