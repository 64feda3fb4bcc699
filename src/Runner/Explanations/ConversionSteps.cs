using System.Globalization;
using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Runner.Explanations;

/// <summary>
/// One conversion, step by step: the exact value, its rounding, its overflow, the result.
/// </summary>
internal static class ConversionSteps
{
    /// <summary>The result and a line for each step.</summary>
    /// <param name="Raw">The raw result.</param>
    /// <param name="Real">The real value it stands for.</param>
    /// <param name="Events">What happened.</param>
    /// <param name="Lines">The steps, a name and what happened.</param>
    public sealed record Result(
        long Raw, double Real, ConversionEvents Events,
        IReadOnlyList<(string Step, string Text)> Lines);

    /// <summary>Converts <c>raw * 2^-fractionBits</c>.</summary>
    public static Result Explain(long raw, int fractionBits, NamedFormat target)
    {
        FixedFormat format = target.Format;
        int shift = fractionBits - format.FractionBits;
        var spec = ConversionSpec.Into(
            format, shift, target.Rounding, target.Overflow, target.SaturationBits, target.Dialect);
        ConversionEvents events = ConversionEvents.None;
        long result = Conversion.Convert(raw, spec, ref events);
        BigInteger rounded = shift > 0
            ? Rounding.ShiftRight(raw, shift, target.Rounding)
            : (BigInteger)raw << Math.Min(-shift, 4096);
        List<(string, string)> lines =
        [
            ("target", Target(target)),
            ("exact", $"{Steps(raw, shift)} steps of {Number(format.Step)}"),
            ("rounding", RoundingText(raw, shift, rounded, target)),
            ("overflow", OverflowText(rounded, result, events, spec)),
        ];
        return new(result, result * format.Step, events, lines);
    }

    private static string Target(NamedFormat target)
    {
        FixedFormat f = target.Format;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Text}: {f.TotalBits} bits {(f.IsSigned ? "signed" : "unsigned")}, "
                + $"{f.FractionBits} of them fraction; raw {f.MinRaw}..{f.MaxRaw}, real "
                + $"{Number(f.MinRaw * f.Step)}..{Number(f.MaxRaw * f.Step)}");
    }

    private static string RoundingText(long raw, int shift, BigInteger rounded, NamedFormat target)
    {
        string mode = ModeNames.Of(target.Rounding);
        if (!Rounding.IsInexact(raw, shift))
            return $"{mode}: nothing to round, raw {Short(rounded)}";
        long below = Rounding.Floor(raw, shift);
        bool isTie = Rounding.IsInexact(raw, shift) && !Rounding.IsInexact(raw, shift - 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{mode}: between {below} and {below + 1}{(isTie ? ", a tie" : "")}, takes "
                + $"{Short(rounded)}");
    }

    private static string OverflowText(
        BigInteger rounded, long result, ConversionEvents events, ConversionSpec spec)
    {
        string mode = ModeNames.Of(spec.Overflow);
        if (!events.HasFlag(ConversionEvents.Overflowed))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{mode}: {Short(rounded)} is inside {Range(spec)}, stays");
        string bits = spec.Overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude
            ? $" (the low {spec.Bits} bits are {Bits(rounded, spec.Bits)}{Saturation(spec)})"
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{mode}: {Short(rounded)} is outside {Range(spec)}, becomes {result}{bits}");
    }

    private static string Saturation(ConversionSpec spec) => spec.SaturationBits > 0
        ? string.Create(CultureInfo.InvariantCulture, $", {spec.SaturationBits} saturation bits")
        : "";

    private static string Range(ConversionSpec spec) =>
        string.Create(CultureInfo.InvariantCulture, $"{Overflow.LowestKept(spec)}..{spec.Max}");

    private static string Bits(BigInteger value, int count)
    {
        BigInteger low = value & ((BigInteger.One << count) - 1);
        return string.Concat(
            Enumerable.Range(0, count).Select(i => ((low >> (count - 1 - i)) & 1) == 1 ? '1' : '0')
        );
    }

    private static string Steps(long raw, int shift) =>
        shift <= 0 ? Short((BigInteger)raw << Math.Min(-shift, 4096))
        : Number(Math.ScaleB(raw, -shift));

    private static string Short(BigInteger value) =>
        value.ToString(
            BigInteger.Abs(value) < BigInteger.Pow(10, 20) ? "R" : "E6",
            CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
