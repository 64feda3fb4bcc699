using QSim.Kernels.Arithmetic;

namespace QSim.Silicon.Rtl;

/// <summary>One conversion as a module: rounding, then overflow, with both flags.</summary>
internal static class ConvertModule
{
    /// <summary>The module.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="what">What is converted, for the comment.</param>
    /// <param name="bits">The source's width, two's complement.</param>
    /// <param name="spec">The conversion.</param>
    public static ModuleText Of(string name, string what, int bits, ConversionSpec spec)
    {
        var module = new ModuleText(name, [.. Comment(what, bits, spec)]);
        Wire value = new("value", bits, true);
        module.Input(value);
        if (spec.DrawsRandomBits) module.Input(new("random", spec.Shift, false));
        module.Output(Wire.Of("result", spec));
        module.Output(new("overflowed", 1, false));
        module.Output(new("inexact", 1, false));
        Wire rounded = RoundingText.Round(module, value, spec.Shift, spec.Rounding);
        string deleted = spec.Dialect == OverflowDialect.SystemC
            ? RoundingText.Bit(rounded, spec.Bits)
            : DeletedBit(value, spec);
        FitText.Fit(module, rounded, RoundingText.Bit(value, bits - 1), deleted, spec);
        module.Drive("inexact", RoundingText.Dropped(spec.Shift));
        return module;
    }

    /// <summary>What the conversion is, in the profile's words.</summary>
    public static IEnumerable<string> Comment(string what, int bits, ConversionSpec spec)
    {
        string shift = spec.Shift switch
        {
            > 0 => $"drops {spec.Shift} bits (rounding: {ModeNames.Of(spec.Rounding)})",
            < 0 => $"gains {-spec.Shift} bits",
            _ => "keeps its binary point",
        };
        string n = spec.SaturationBits > 0 ? $", saturation_bits: {spec.SaturationBits}" : "";
        yield return $"{what}: {bits} bits in, {shift},";
        yield return $"then fits {spec.Bits} {(spec.IsSigned ? "signed" : "unsigned")} bits "
            + $"(overflow: {ModeNames.Of(spec.Overflow)}{n}).";
    }

    /// <summary>The lowest bit of the source for which the target has no room.</summary>
    private static string DeletedBit(Wire value, ConversionSpec spec)
    {
        int index = spec.Bits + spec.Shift;
        return index < 0 ? "1'b0" : RoundingText.Bit(value, index);
    }
}
