using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>
/// Replays accumulators scaled by integer multipliers, with double or single rounding.
/// </summary>
internal static class RequantizationReplay
{
    /// <summary>The columns that make a file one of requantizations.</summary>
    public static readonly string[] Columns =
    [
        "accumulator",
        "multiplier",
        "right_shift",
        "result",
    ];

    public static readonly string[] Optional = ["high_mul", "kind"];

    private const string Double = "double";
    private const string Single = "single";

    public static ReplayReport Run(string file, CsvTable table, ReplayOptions options)
    {
        var tally = new ReplayTally(options.Show);
        foreach (CsvRow row in table.Rows())
            Replay(row, tally);
        string note = table.Columns.Contains("kind")
            ? "rounding: as each row says"
            : "double rounding, as gemmlowp";
        return new(file, "requantization", tally.Rows, tally.Mismatches, tally.First, note);
    }

    private static void Replay(CsvRow row, ReplayTally tally)
    {
        long accumulator = row.Integer("accumulator", int.MinValue, int.MaxValue);
        int multiplier = (int)row.Integer("multiplier", int.MinValue, int.MaxValue);
        int shift = (int)row.Integer("right_shift", -31, 31);
        bool single = row.Has("kind") && IsSingle(row);
        if (single && shift < -30)
            throw row.Error("right_shift", "single rounding needs at least -30");
        if (shift < 0 && !Fits32(accumulator << -shift))
            throw row.Error("right_shift", "the accumulator shifted left does not fit 32 bits");

        long result = Scale(accumulator, multiplier, shift, single);
        long high = Requantizer.HighMultiply(
            shift < 0 ? accumulator << -shift : accumulator, multiplier);
        bool compares = row.Has("high_mul") && !single;
        long expectedHigh = compares ? row.Integer("high_mul") : high;
        long expected = row.Integer("result");
        tally.Add(
            result == expected && high == expectedHigh,
            () =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.File}:{row.Line}: {accumulator} times {multiplier}, right shift "
                        + $"{shift}: high multiplication "
                        + $"{high}{(compares ? $" (the file says {expectedHigh})" : "")}, result "
                        + $"{result}, the file says {expected}"));
    }

    private static long Scale(long accumulator, int multiplier, int shift, bool single)
    {
        var spec = new Requantization
        {
            Kind = single
                ? RequantizationKind.MultiplierSingle
                : RequantizationKind.MultiplierDouble,
            Multiplier = multiplier,
            MultiplierShift = single ? 31 + shift : shift,
            Output = ConversionSpec.Into(
                new FixedFormat(64, 0, true), 0, RoundingMode.TowardNegative,
                OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        ConversionEvents events = ConversionEvents.None;
        return Requantizer.Requantize(accumulator, spec, ref events);
    }

    private static bool IsSingle(CsvRow row) =>
        row["kind"].ToLowerInvariant() switch
        {
            Single or "multiplier_single" => true,
            Double or "multiplier_double" => false,
            string other => throw row.Error(
                "kind", $"'{other}' is not a kind of rounding (supported: {Double}, {Single})"),
        };

    private static bool Fits32(long value) => value is >= int.MinValue and <= int.MaxValue;
}
