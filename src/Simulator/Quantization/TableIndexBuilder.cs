using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>The index rule of a table as exact integer arithmetic on raw values.</summary>
internal static class TableIndexBuilder
{
    private static readonly BigInteger MostDenominator = BigInteger.One << 31;
    private static readonly BigInteger MostTerm = BigInteger.One << 29;

    /// <summary>
    /// The rule in small integers, or null when the scale's ratio to the table's step is not so
    /// simple.
    /// </summary>
    public static TableIndex? Build(TableStage table, in TensorScale input)
    {
        Rational perRaw = PerRaw(table, input);
        Rational start = Start(table);
        BigInteger denominator = perRaw.Denominator * start.Denominator
            / BigInteger.GreatestCommonDivisor(perRaw.Denominator, start.Denominator);
        BigInteger numerator = perRaw.Numerator * (denominator / perRaw.Denominator);
        BigInteger addend = start.Numerator * (denominator / start.Denominator);
        bool isSmall = denominator <= MostDenominator && numerator <= MostTerm
            && BigInteger.Abs(addend) <= BigInteger.One << 61;
        return isSmall
            ? new(
                input.ZeroPoint, (long)numerator, (long)addend, (long)denominator, Rule(table),
                Offset(table))
            : null;
    }

    /// <summary>The entry of one raw value, by the same rule in unbounded integers.</summary>
    public static int Entry(TableStage table, in TensorScale input, long raw)
    {
        Rational perRaw = PerRaw(table, input);
        Rational start = Start(table);
        BigInteger denominator = perRaw.Denominator * start.Denominator;
        BigInteger numerator = ((raw - input.ZeroPoint) * perRaw.Numerator * start.Denominator)
            + (start.Numerator * perRaw.Denominator);
        BigInteger index = Divide(numerator, denominator, table.Index) + Offset(table);
        return (int)BigInteger.Max(0, BigInteger.Min(table.Entries - 1, index));
    }

    private static BigInteger Divide(
        BigInteger numerator, BigInteger denominator, TableIndexRule rule)
    {
        if (rule is TableIndexRule.TowardZero or TableIndexRule.Hls4ml)
            return BigInteger.Divide(numerator, denominator);
        if (rule == TableIndexRule.Nearest)
            (numerator, denominator) = ((2 * numerator) + denominator, 2 * denominator);
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    private static RoundingMode Rule(TableStage table) => table.Index switch
    {
        TableIndexRule.Floor => RoundingMode.TowardNegative,
        TableIndexRule.Nearest => RoundingMode.NearestTiesTowardPositive,
        TableIndexRule.TowardZero or TableIndexRule.Hls4ml => RoundingMode.TowardZero,
    };

    private static int Offset(TableStage table) =>
        table.Index == TableIndexRule.Hls4ml ? table.Entries / 2 : 0;

    /// <summary>Table entries per raw step: N * step / (high - low).</summary>
    private static Rational PerRaw(TableStage table, in TensorScale input) =>
        Rational.Of(table.Entries)
        * Rational.Of(input.Step)
        / (Rational.Of(table.High) - Rational.Of(table.Low));

    /// <summary>
    /// The fractional index of 0: -low * N / (high - low), which hls4ml's rule adds afterwards.
    /// </summary>
    private static Rational Start(TableStage table) =>
        table.Index == TableIndexRule.Hls4ml ? Rational.Of(0) : Rational.Of(-table.Low)
                * Rational.Of(table.Entries)
                / (Rational.Of(table.High) - Rational.Of(table.Low));

    /// <summary>An exact fraction in lowest terms, its denominator positive.</summary>
    private readonly record struct Rational(BigInteger Numerator, BigInteger Denominator)
    {
        public static Rational Of(double value)
        {
            if (value == 0) return new(0, 1);
            int exponent = Math.ILogB(value) - 52;
            var mantissa = new BigInteger(Math.ScaleB(value, -exponent));
            return exponent >= 0
                ? Reduced(mantissa << exponent, 1)
                : Reduced(mantissa, BigInteger.One << -exponent);
        }

        public static Rational operator *(Rational a, Rational b) =>
            Reduced(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

        public static Rational operator /(Rational a, Rational b) =>
            Reduced(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

        public static Rational operator -(Rational a, Rational b) =>
            Reduced(
                (a.Numerator * b.Denominator) - (b.Numerator * a.Denominator),
                a.Denominator * b.Denominator);

        private static Rational Reduced(BigInteger numerator, BigInteger denominator)
        {
            BigInteger divisor =
                BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
            return new(numerator / divisor, denominator / divisor);
        }
    }
}
