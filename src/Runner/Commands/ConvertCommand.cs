using System.CommandLine;
using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Runner.CommandLine;
using QSim.Runner.Explanations;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim convert</c>: one value into a format, every step of it.</summary>
internal static class ConvertCommand
{
    private const string Help = """
          qsim convert 7.97 --to "ap_fixed<8,4,RND,WRAP>"
          qsim convert -0.5 --to "sc_fixed<6,2,SC_RND_CONV,SC_SAT_SYM>"
          qsim convert 300 --from "ap_ufixed<9,6>" --to "ap_ufixed<5,4,TRN,WRAP,2>"

        Without --from the value is a real number, taken as the nearest double, as a C++ constant is.
        With --from it is a raw value: an integer, decimal or 0x hexadecimal, signed or as unsigned bits.
        A format without modes has those of ap_fixed: TRN and WRAP.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var value = new Argument<string>("value")
        {
            Description = "A real number, or with --from a raw value.",
        };
        var to = new Option<string>("--to")
        {
            Description = "The target format.",
            HelpName = "format",
            Required = true,
        };
        var from = new Option<string?>("--from")
        {
            Description = "The format that the raw value is in.",
            HelpName = "format",
        };
        var command = new Command("convert", "Convert one value into a format and show each step.")
        {
            value,
            to,
            from,
        };
        command.SetAction(parsed =>
            Run(
                screen, parsed.GetRequiredValue(value), parsed.GetRequiredValue(to),
                parsed.GetValue(from)));
        Examples.AddTo(command, Help);
        return command;
    }

    private static void Run(Screen screen, string value, string to, string? from)
    {
        NamedFormat target = NamedFormat.Parse("--to", to);
        List<(string Step, string Text)> lines = [];
        (long raw, int fractionBits) = from is null
            ? Real(value, lines)
            : RawOf(value, NamedFormat.Parse("--from", from), lines);
        ConversionSteps.Result result = ConversionSteps.Explain(raw, fractionBits, target);
        lines.AddRange(result.Lines);
        lines.Add(("raw", result.Raw.ToString(CultureInfo.InvariantCulture)));
        lines.Add(("real", Number(result.Real)));
        lines.Add(
            ("events", result.Events == ConversionEvents.None ? "none" : Events(result.Events)));
        foreach ((string step, string text) in lines)
            screen.Line($"{step,-8}  {text}");
    }

    private static (long Raw, int FractionBits) Real(string text, List<(string, string)> lines)
    {
        if (!double.TryParse(
                text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real)
            || !double.IsFinite(real))
            throw new RequestException($"'{text}' is not a finite real number");
        (long raw, int fractionBits) = Dyadic.Split(real);
        lines.Add(
            (
                "value",
                string.Create(
                    CultureInfo.InvariantCulture, $"{Number(real)} = {raw} * 2^{-fractionBits}")));
        return (raw, fractionBits);
    }

    private static (long Raw, int FractionBits) RawOf(
        string text, NamedFormat source, List<(string, string)> lines)
    {
        FixedFormat format = source.Format;
        bool parsed = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(
                text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long raw)
            : long.TryParse(
                text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out raw);
        if (!parsed)
            throw new RequestException(
                $"'{text}' is not a raw value: a whole number is needed with --from");
        bool isBits =
            format.IsSigned
            && raw > format.MaxRaw
            && format.TotalBits < 63
            && raw < 1L << format.TotalBits;
        if (isBits)
            raw -= 1L << format.TotalBits;
        if (raw < format.MinRaw || raw > format.MaxRaw)
            throw new RequestException(
                $"raw {text} does not fit {source.Text} ({format.MinRaw}..{format.MaxRaw})");
        lines.Add(
            (
                "value",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"raw {raw} of {source.Text} = {Number(raw * format.Step)}")));
        return (raw, format.FractionBits);
    }

    private static string Events(ConversionEvents events) =>
        string.Join(", ", Enum.GetValues<ConversionEvents>()
            .Where(e => e != ConversionEvents.None && events.HasFlag(e))
            .Select(e => EnumWord.Of(e)));

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
