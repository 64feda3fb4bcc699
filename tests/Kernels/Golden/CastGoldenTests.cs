using System.Globalization;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Golden;

/// <summary>Conversions as AMD's, Accellera's and Siemens' own headers compute them.</summary>
public sealed class CastGoldenTests
{
    [SkippableTheory]
    [InlineData("cast_ap.csv.gz", OverflowDialect.Ap, 55104)]
    [InlineData("cast_systemc.csv.gz", OverflowDialect.SystemC, 55104)]
    [InlineData("cast_ac.csv.gz", OverflowDialect.Ap, 4352)]
    public void Convert_EveryGoldenCast_GivesTheirRawValue(
        string file, OverflowDialect dialect, int rows)
    {
        string[] lines = SharedFolder.GoldenLines(file);
        Assert.Equal(rows, lines.Length - 1);
        string[] wrong = [.. lines.Skip(1).Where(line => !Agrees(line.Split(','), dialect))];
        Assert.True(
            wrong.Length == 0, $"{wrong.Length} mismatches, first: {wrong.FirstOrDefault()}");
    }

    private static bool Agrees(string[] row, OverflowDialect dialect)
    {
        FixedFormat source = Format(row.AsSpan(0, 3));
        FixedFormat target = Format(row.AsSpan(3, 3));
        var spec = ConversionSpec.Between(
            source, target, ModeNames.Rounding(row[6]), ModeNames.Overflow(row[7]), Int(row[8]),
            dialect);
        ConversionEvents events = ConversionEvents.None;
        long raw = Conversion.Convert(Signed(Int(row[9]), source), spec, ref events);
        return raw == Signed(Int(row[10]), target);
    }

    private static FixedFormat Format(ReadOnlySpan<string> columns) =>
        new(Int(columns[1]), Int(columns[1]) - Int(columns[2]), columns[0] == "1");

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The files write raw bits as an unsigned number.</summary>
    private static long Signed(long bits, FixedFormat format) =>
        bits > format.MaxRaw ? bits - (1L << format.TotalBits) : bits;
}
