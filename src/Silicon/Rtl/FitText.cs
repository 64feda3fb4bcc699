using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Silicon.Rtl;

/// <summary>
/// Fitting a rounded value into a format in SystemVerilog (ARITHMETIC.md section 3).
/// </summary>
internal static class FitText
{
    /// <summary>Drives the ports <c>result</c> and <c>overflowed</c>.</summary>
    /// <param name="module">Where to.</param>
    /// <param name="rounded">The value, exact.</param>
    /// <param name="negative">The bit that says whether the source is below zero.</param>
    /// <param name="deletedBit">
    /// The bit that WRAP_SM looks at: of the source in dialect ap, of the rounded value in dialect
    /// systemc.
    /// </param>
    /// <param name="spec">The target.</param>
    public static void Fit(
        ModuleText module, Wire rounded, string negative, string deletedBit, ConversionSpec spec)
    {
        string inside = Low(rounded, spec.Bits);
        BigInteger half = BigInteger.One << (rounded.Bits - 1), least = Overflow.LowestKept(spec);
        Wire? max = spec.Max < half - 1 ? rounded with { Name = "MAX" } : null;
        Wire? min = least > -half ? rounded with { Name = "MIN" } : null;
        if (max is null && min is null)
        {
            module.Drive("overflowed", "1'b0");
            module.Drive("result", inside);
            return;
        }

        if (max is { } highest) module.Constant(highest, spec.Max);
        if (min is { } lowest) module.Constant(lowest, least);
        string[] ways =
        [
            .. max is null ? Array.Empty<string>() : [$"{rounded.Name} > MAX"],
            .. min is null ? Array.Empty<string>() : [$"{rounded.Name} < MIN"],
        ];
        module.Drive("overflowed", string.Join(" || ", ways));
        bool keeps = spec is { Overflow: OverflowMode.Wrap, SaturationBits: <= 0 }
            or { Overflow: OverflowMode.WrapSignMagnitude, IsSigned: false };
        if (keeps)
        {
            module.Drive("result", inside);
            return;
        }

        Wire replaced = new("replaced", spec.Bits, spec.IsSigned);
        string replacement = Saturates(spec)
            ? Nearest(min, max, negative, spec.Bits)
            : Replacement(module, rounded, negative, deletedBit, spec);
        module.Let(
            replaced,
            spec.IsSigned && !Saturates(spec) ? $"$signed({replacement})" : replacement);
        module.Drive("result", $"overflowed ? replaced : {inside}");
    }

    /// <summary>Whether WRAP_SM's deleted bit is asked for.</summary>
    public static bool AsksForDeletedBit(ConversionSpec spec) =>
        spec is { Overflow: OverflowMode.WrapSignMagnitude, SaturationBits: <= 0, IsSigned: true };

    private static bool Saturates(ConversionSpec spec) => spec.Overflow
        is OverflowMode.Saturate or OverflowMode.SaturateSymmetric;

    /// <summary>The end beyond which the value is.</summary>
    private static string Nearest(Wire? min, Wire? max, string negative, int bits) => (min, max)
        switch
    {
        ({ } low, { } high) => $"{negative} ? {End(low, bits)} : {End(high, bits)}",
        var (low, high) => End(low ?? high!.Value, bits),
    };

    private static string End(Wire end, int bits) =>
        end.Bits == bits ? end.Name : $"{bits}'({end.Name})";

    private static string Replacement(
        ModuleText module, Wire rounded, string negative, string deletedBit, ConversionSpec spec)
    {
        int bits = spec.Bits, n = spec.SaturationBits;
        switch (spec.Overflow)
        {
            case OverflowMode.SaturateToZero:
                return Wire.Literal(0, bits);
            case OverflowMode.Wrap when spec.IsSigned:
                return Above(
                    SaturatedTop(negative, Math.Min(n, bits)), bits - n, rounded);
            case OverflowMode.Wrap:
                string fill = spec.Dialect == OverflowDialect.SystemC ? $"!{negative}" : "1'b1";
                string top = $"{{{Math.Min(n, bits)}{{{fill}}}}}";
                return Above(top, bits - n, rounded);
            case OverflowMode.WrapSignMagnitude:
                return SignMagnitude(module, rounded, negative, deletedBit, spec);
            default:
                throw new ArgumentOutOfRangeException(nameof(spec), spec.Overflow, null);
        }
    }

    private static string SignMagnitude(
        ModuleText module, Wire rounded, string negative, string deletedBit, ConversionSpec spec)
    {
        int bits = spec.Bits, n = spec.SaturationBits;
        int rest = bits - Math.Max(1, n);
        string top = n > 0 ? SaturatedTop(negative, Math.Min(n, bits)) : deletedBit;
        if (rest <= 0) return top;
        module.Let(new Wire("kept", rest + 1, false), $"$unsigned({Low(rounded, rest + 1)})");
        string first = $"kept[{rest}]";
        module.LetBit(
            "inverts",
            n <= 0 ? $"{deletedBit} != {first}"
            : n == 1 ? $"{negative} != {first}"
            : $"{first} == {negative}");
        string low = rest == 1 ? "kept[0]" : $"kept[{rest - 1}:0]";
        module.Let(new Wire("turned", rest, false), $"inverts ? ~{low} : {low}");
        return $"{{{top}, turned}}";
    }

    /// <summary>The sign in the top bit and its opposite in the n - 1 bits below.</summary>
    private static string SaturatedTop(string negative, int n) =>
        n == 1 ? negative : $"{{{negative}, {{{n - 1}{{!{negative}}}}}}}";

    /// <summary>Some bits above the lowest ones of a value.</summary>
    private static string Above(string top, int bits, Wire value) =>
        bits <= 0 ? top : $"{{{top}, {Low(value, bits)}}}";

    /// <summary>The low bits, or the value widened.</summary>
    private static string Low(Wire value, int bits) =>
        bits >= value.Bits ? value.As(bits)
        : bits == 1 ? $"{value.Name}[0]"
        : $"$signed({value.Name}[{bits - 1}:0])";
}
