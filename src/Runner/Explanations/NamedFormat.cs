using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Runner.Explanations;

/// <summary>A fixed-point format as a user types it, with its modes.</summary>
/// <param name="Text">As typed.</param>
/// <param name="Format">Width, binary point, sign.</param>
/// <param name="Rounding">What conversions into it do with dropped bits.</param>
/// <param name="Overflow">What they do outside its range.</param>
/// <param name="SaturationBits">n of WRAP.</param>
/// <param name="Dialect">Whose reading of the corner cases: systemc for <c>sc_fixed</c>.</param>
internal sealed record NamedFormat(
    string Text, FixedFormat Format, RoundingMode Rounding, OverflowMode Overflow,
    int SaturationBits, OverflowDialect Dialect)
{
    /// <summary>
    /// Reads a format; one without a binary point, as <c>int8</c>, holds whole numbers.
    /// </summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="text">As typed.</param>
    /// <exception cref="RequestException">
    /// It is no format, or it is one that no raw value can be computed for.
    /// </exception>
    public static NamedFormat Parse(string option, string text)
    {
        FormatNotation notation = FormatParser.Parse(text, out string? error)
            ?? throw new RequestException($"{option}: {error}");
        var format = new FixedFormat(notation.Bits, notation.FractionBits ?? 0, notation.IsSigned);
        if (!notation.IsSigned && notation.Bits == FixedFormat.MaxTotalBits)
            throw new RequestException($"{option}: unsigned formats have at most 63 bits");
        RoundingMode rounding = ModeNames.Rounding(notation.Rounding ?? "TRN");
        if (rounding == RoundingMode.Stochastic)
            throw new RequestException(
                $"{option}: STOCHASTIC needs random bits, which a single conversion does not have");
        OverflowMode overflow = ModeNames.Overflow(notation.Overflow ?? "WRAP");
        if (overflow == OverflowMode.WrapSignMagnitude && !notation.IsSigned)
            throw new RequestException($"{option}: WRAP_SM is for signed formats");
        bool isSystemC = text.TrimStart().StartsWith("sc_", StringComparison.Ordinal);
        return new(
            text.Trim(), format, rounding, overflow, notation.SaturationBits ?? 0,
            isSystemC ? OverflowDialect.SystemC : OverflowDialect.Ap);
    }
}
