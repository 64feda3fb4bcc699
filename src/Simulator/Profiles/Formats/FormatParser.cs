using System.Globalization;
using System.Text.RegularExpressions;
using QSim.Kernels.Arithmetic;

namespace QSim.Simulator.Profiles.Formats;

/// <summary>A number format as its notation says it.</summary>
/// <param name="Bits">Width.</param>
/// <param name="FractionBits">
/// The binary point; null for <c>int8</c> and the like, which leave it open.
/// </param>
/// <param name="IsSigned">Two's complement or never negative.</param>
/// <param name="Rounding">Name of the rounding mode; null when the notation leaves it open.</param>
/// <param name="Overflow">Name of the overflow mode; null when the notation leaves it open.</param>
/// <param name="SaturationBits">n of WRAP; null when not written.</param>
/// <param name="Prefix">AP_, AC_ or SC_: whose type it is; null for the others.</param>
internal sealed record FormatNotation(
    int Bits, int? FractionBits, bool IsSigned, string? Rounding, string? Overflow,
    int? SaturationBits, string? Prefix = null);

/// <summary>
/// Formats as people write them: <c>ap_fixed&lt;16,6,AP_RND_CONV,AP_SAT&gt;</c> (AMD UG1399),
/// <c>ac_fixed&lt;8,4,true,AC_RND,AC_SAT&gt;</c> (Siemens ac_types), <c>sc_fixed</c> (IEEE 1666),
/// <c>fixed</c> as hls4ml spells it, the same libraries' integers (<c>ap_int&lt;8&gt;</c>,
/// <c>ac_int&lt;8,true&gt;</c>, <c>sc_uint&lt;8&gt;</c>), <c>int8</c>, <c>uint4</c>.
/// </summary>
internal static partial class FormatParser
{
    /// <summary>The notations, for messages.</summary>
    public const string Supported =
        "int8, uint4, ap_fixed<16,6,AP_RND_CONV,AP_SAT>, ac_fixed<8,4,true,AC_RND,AC_SAT>, "
            + "sc_fixed<..>, fixed<..>, ap_int<8>, ac_int<8,true>, sc_int<8>, their u forms, "
            + "or a mapping";

    private static readonly string RoundingPattern = string.Join(
        '|', ModeNames.Roundings.Select(r => r.Name));
    private static readonly string OverflowPattern = string.Join(
        '|', ModeNames.Overflows.Select(o => o.Name));

    /// <summary>
    /// A regular expression that every legal notation matches, for the JSON Schema.
    /// </summary>
    /// <param name="maxBits">The widest format.</param>
    /// <param name="hasIntegers">Whether <c>int8</c> and the like are legal.</param>
    public static string Pattern(int maxBits, bool hasIntegers)
    {
        string bits = maxBits == 32 ? "([1-9]|[12][0-9]|3[0-2])" : "([1-9]|[1-5][0-9]|6[0-4])";
        string head = $"< *{bits} *, *-?[0-9]+ *";
        string Modes(string prefix) =>
            $"(, *({prefix})?({RoundingPattern}) *(, *({prefix})?({OverflowPattern}) *(, *[0-9]+ "
                + "*)?)?)?> *$";
        string ap = $"^ *(ap_)?u?fixed *{head}{Modes("AP_")}";
        string sc = $"^ *sc_u?fixed *{head}{Modes("SC_")}";
        string ac = $"^ *ac_fixed *{head}, *(true|false) *{Modes("AC_")}";
        string whole = $"^ *(ap|sc)_u?int *< *{bits} *> *$";
        string acWhole = $"^ *ac_int *< *{bits} *, *(true|false) *> *$";
        string[] pointed = [ap, sc, ac, whole, acWhole];
        return string.Join('|', hasIntegers ? [$"^ *u?int{bits} *$", .. pointed] : pointed);
    }

    private static readonly string[] Families =
    [
        "ap_fixed",
        "ap_ufixed",
        "ac_fixed",
        "sc_fixed",
        "sc_ufixed",
        "fixed",
        "ufixed",
        "ap_int",
        "ap_uint",
        "ac_int",
        "sc_int",
        "sc_uint",
        "int8",
        "uint8",
    ];

    /// <summary>Reads a notation.</summary>
    /// <param name="text">For example <c>ap_fixed&lt;16,6&gt;</c>.</param>
    /// <param name="error">Why it is refused, when null is returned.</param>
    public static FormatNotation? Parse(string text, out string? error)
    {
        error = null;
        string written = text.Trim();
        if (Integer().Match(written) is { Success: true } integer)
            return new(
                Number(integer.Groups[2].Value), null, integer.Groups[1].Length == 0, null, null,
                null);
        if (Fixed().Match(written) is { Success: true } match)
        {
            string[] arguments = [.. match.Groups[2].Value.Split(',').Select(a => a.Trim())];
            return ParseFixed(match.Groups[1].Value, arguments, out error);
        }

        if (Whole().Match(written) is { Success: true } whole)
            return ParseWhole(whole.Groups[1].Value, whole.Groups[2].Value, out error);

        error =
            BareQ().IsMatch(written)
                ? $"'{written}' is ambiguous: Qm.n counts the sign bit among m in one convention "
                    + "and not in the other; write fixed<W,I> (I counts the sign bit)"
            : written.Contains('<') && !written.Contains('>')
            ? $"'{Shorten(written)}' ends early: between braces a notation with commas needs quotes"
            : $"'{Shorten(written)}' is not a number format{Hint(written)} (supported: "
                + $"{Supported})";
        return null;
    }

    /// <summary>
    /// An integer type is the fixed-point type of its library without fraction bits, under the
    /// library's default modes: <c>ap_int&lt;W&gt;</c> is <c>ap_fixed&lt;W,W&gt;</c>.
    /// </summary>
    private static FormatNotation? ParseWhole(string family, string inside, out string? error)
    {
        string[] arguments = [.. inside.Split(',').Select(a => a.Trim())];
        bool isAc = family == "ac_int";
        if (arguments.Length != (isAc ? 2 : 1))
        {
            error = isAc
                ? "ac_int takes <W,S>: width, true or false"
                : $"{family} takes <W>: width";
            return null;
        }

        string[] sign = isAc ? [arguments[1]] : [];
        return ParseFixed(
            family.Replace("int", "fixed"), [arguments[0], arguments[0], .. sign], out error,
            family);
    }

    private static FormatNotation? ParseFixed(
        string family, string[] arguments, out string? error, string? writtenAs = null)
    {
        string name = writtenAs ?? family;
        bool isAc = family == "ac_fixed";
        int fixedArguments = isAc ? 3 : 2;
        error =
            arguments.Length < fixedArguments || arguments.Length > 5
                ? isAc
                    ? "ac_fixed takes <W,I,S[,Q[,O]]>: width, integer bits, true or false, "
                        + "rounding, overflow"
                    : $"{family} takes <W,I[,Q[,O[,N]]]>: width, integer bits, rounding, overflow, "
                        + "saturation bits"
                : null;
        if (error is not null)
            return null;
        if (!int.TryParse(arguments[0], CultureInfo.InvariantCulture, out int bits)
            || bits is < 1 or > 64)
            error = $"the width of {name}, '{arguments[0]}', is not a whole number of 1..64";
        else if (!int.TryParse(arguments[1], CultureInfo.InvariantCulture, out int integer)
            || Math.Abs(integer) > 128)
            error =
                $"the integer bits of {family}, '{arguments[1]}', are not a whole number of "
                    + "-128..128";
        else if (isAc && arguments[2] is not ("true" or "false"))
            error =
                $"the last argument of {name}, '{arguments[2]}', says whether it is signed "
                    + "(supported: true, false)";
        if (error is not null)
            return null;

        string prefix = family[..2].ToUpperInvariant() is "AP" or "AC" or "SC"
            ? family[..3].ToUpperInvariant()
            : "";
        string[] modes = arguments[fixedArguments..];
        string? rounding =
            modes.Length > 0 ? Mode(family, prefix, modes[0], Roundings, out error) : "TRN";
        string? overflow =
            error is null && modes.Length > 1
                ? Mode(family, prefix, modes[1], Overflows, out error)
                : "WRAP";
        int? saturationBits = null;
        if (error is null && modes.Length > 2)
        {
            if (int.TryParse(modes[2], CultureInfo.InvariantCulture, out int n)
                && n >= 0
                && n <= bits)
                saturationBits = n == 0 ? null : n;
            else
                error =
                    $"the saturation bits of {family}, '{modes[2]}', are not a whole number of "
                        + $"0..{bits}";
        }

        bool isSigned = isAc ? arguments[2] == "true" : !family.Contains('u');
        int fraction = bits - int.Parse(arguments[1], CultureInfo.InvariantCulture);
        return error is null
            ? new(
                bits, fraction, isSigned, rounding, overflow, saturationBits,
                prefix.Length > 0 ? prefix : null)
            : null;
    }

    private static IEnumerable<string> Roundings => ModeNames.Roundings.Select(r => r.Name);

    private static IEnumerable<string> Overflows => ModeNames.Overflows.Select(o => o.Name);

    /// <summary>
    /// A mode with the family's own prefix or none; AC_RND inside ap_fixed would not compile
    /// either.
    /// </summary>
    private static string? Mode(
        string family, string prefix, string written, IEnumerable<string> known, out string? error)
    {
        string bare =
            prefix.Length > 0 && written.StartsWith(prefix, StringComparison.Ordinal)
                ? written[prefix.Length..]
            : prefix.Length == 0 && written.StartsWith("AP_", StringComparison.Ordinal)
                ? written[3..]
            : written;
        bool legal =
            known.Contains(bare)
            && (!RoundingNames.OfAcFixedAlone.Contains(bare)
                || family is "ac_fixed" or "fixed" or "ufixed");
        error = legal
            ? null
            : $"'{written}' is not a mode of {family}{Documents.Suggestion.Hint(bare, known)}"
                + $" (supported: {string.Join(", ", known)}"
                + $"{(prefix.Length > 0 ? $", also with {prefix}" : "")})";
        return legal ? bare : null;
    }

    private static string Hint(string written) =>
        Documents.Suggestion.Hint(written.Split('<')[0].Trim(), Families);

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(u?)int([0-9]{1,2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(
        @"^((?:ap_|sc_)?u?fixed|ac_fixed)\s*<([^<>]*)>$", RegexOptions.CultureInvariant)]
    private static partial Regex Fixed();

    [GeneratedRegex(@"^((?:ap|sc)_u?int|ac_int)\s*<([^<>]*)>$", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[uUsS]?Q-?[0-9]+(\.-?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex BareQ();
}
