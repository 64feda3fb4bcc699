using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Whether a conversion's range, width and modes agree with each other.</summary>
internal static class SpecChecks
{
    /// <summary>Null when they do, else what does not.</summary>
    public static string? WhyNot(string stage, ConversionSpec spec)
    {
        if (spec.Bits is < 1 or > 64) return $"{stage}: {spec.Bits} bits (supported: 1..64)";
        FixedFormat whole = new(spec.Bits, 0, spec.IsSigned);
        bool wraps = spec.Overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude;
        return spec.Min < whole.MinRaw || spec.Max > whole.MaxRaw || spec.Min > spec.Max
                ? $"{stage}: the range {spec.Min}..{spec.Max} is not a range of {spec.Bits} bits"
            : wraps && (spec.Min != whole.MinRaw || spec.Max != whole.MaxRaw)
                ? $"{stage}: wrapping needs the whole range of {spec.Bits} bits"
            : spec.SaturationBits < 0 || spec.SaturationBits > spec.Bits
                ? $"{stage}: {spec.SaturationBits} saturation bits in {spec.Bits}"
            : spec.Overflow == OverflowMode.WrapSignMagnitude && !spec.IsSigned
                ? $"{stage}: WRAP_SM is for signed formats"
            : null;
    }

    /// <summary>The same, and every result is a raw value of the tensor.</summary>
    public static string? WhyNot(string stage, ConversionSpec spec, TensorType target) =>
        WhyNot(stage, spec)
        ?? (spec.Min < target.MinRaw || spec.Max > target.MaxRaw
            ? $"{stage}: results of {spec.Min}..{spec.Max} do not fit {target.Bits} bits"
            : null);
}
