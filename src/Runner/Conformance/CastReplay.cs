using System.Globalization;
using QSim.Kernels.Arithmetic;

namespace QSim.Runner.Conformance;

/// <summary>Replays conversions between fixed-point formats.</summary>
internal static class CastReplay
{
    /// <summary>
    /// The columns that make a file one of conversions; <c>n</c> and <c>dialect</c> are optional.
    /// </summary>
    public static readonly string[] Columns =
    [
        "src_signed", "src_bits", "src_integer_bits", "dst_signed", "dst_bits", "dst_integer_bits",
        "rounding", "overflow", "src_raw", "dst_raw",
    ];

    public static readonly string[] Optional = ["n", "dialect"];

    public static ReplayReport Run(string file, CsvTable table, ReplayOptions options)
    {
        var dialects = new DialectTally(options);
        foreach (CsvRow row in table.Rows())
        {
            OverflowDialect? stated = row.Has("dialect")
                ? Modes.Dialect(row["dialect"], m => row.Error("dialect", m))
                : null;
            dialects.Add(stated, (dialect, tally) => Replay(row, dialect, tally));
        }

        return dialects.Report(file, "cast", "");
    }

    /// <summary>Compares one row in one dialect; returns what QSim gives.</summary>
    private static long Replay(CsvRow row, OverflowDialect dialect, ReplayTally tally)
    {
        FixedFormat source = Format(row, "src");
        FixedFormat target = Format(row, "dst");
        var spec = ConversionSpec.Between(
            source, target, Modes.Rounding(row["rounding"], m => row.Error("rounding", m)),
            Modes.Overflow(row["overflow"], m => row.Error("overflow", m)),
            row.Has("n") ? (int)row.Integer("n", 0, target.TotalBits) : 0, dialect);
        long raw = Raw(row, "src_raw", source);
        long expected = Raw(row, "dst_raw", target);
        ConversionEvents events = ConversionEvents.None;
        long actual = Conversion.Convert(raw, spec, ref events);
        tally.Add(
            actual == expected,
            () =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.File}:{row.Line}: {source} to {target} {row["rounding"]} "
                        + $"{row["overflow"]} n={spec.SaturationBits}: raw {raw} gives {actual} "
                        + $"(bits {Bits(actual, target)}), the file says {expected} (bits "
                        + $"{Bits(expected, target)})"));
        return actual;
    }

    private static FixedFormat Format(CsvRow row, string prefix)
    {
        bool isSigned = row.Flag($"{prefix}_signed");
        int bits = (int)row.Integer($"{prefix}_bits", 1, isSigned ? 64 : 63);
        return new(bits, bits - (int)row.Integer($"{prefix}_integer_bits", -1000, 1000), isSigned);
    }

    /// <summary>Raw bits as an unsigned number, or a signed value.</summary>
    private static long Raw(CsvRow row, string column, FixedFormat format)
    {
        long bits = row.Integer(column);
        int unused = 64 - format.TotalBits;
        long value = format.IsSigned ? bits << unused >> unused : bits;
        bool fits = bits == value || (ulong)bits <= ulong.MaxValue >> unused;
        return fits && value >= format.MinRaw && value <= format.MaxRaw
            ? value
            : throw row.Error(column, $"{row[column]} does not fit {format}");
    }

    private static string Bits(long raw, FixedFormat format) =>
        ((ulong)raw & (ulong.MaxValue >> (64 - format.TotalBits))).ToString(
            CultureInfo.InvariantCulture);
}
