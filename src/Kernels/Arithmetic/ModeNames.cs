using System.Collections.Immutable;

namespace QSim.Kernels.Arithmetic;

/// <summary>
/// What profiles, and the libraries behind ap_fixed, ac_fixed and sc_fixed, call the modes.
/// </summary>
internal static class ModeNames
{
    /// <summary>Rounding modes, as ARITHMETIC.md section 2 lists them.</summary>
    public static ImmutableArray<(string Name, RoundingMode Mode)> Roundings => RoundingNames.All;

    /// <summary>Overflow modes, as ARITHMETIC.md section 3 lists them.</summary>
    public static ImmutableArray<(string Name, OverflowMode Mode)> Overflows { get; } =
    [
        ("SAT", OverflowMode.Saturate),
        ("SAT_ZERO", OverflowMode.SaturateToZero),
        ("SAT_SYM", OverflowMode.SaturateSymmetric),
        ("WRAP", OverflowMode.Wrap),
        ("WRAP_SM", OverflowMode.WrapSignMagnitude),
    ];

    /// <summary>The mode of a name that validation accepted.</summary>
    public static RoundingMode Rounding(string name) => Roundings.First(r => r.Name == name).Mode;

    /// <summary>The mode of a name that validation accepted.</summary>
    public static OverflowMode Overflow(string name) => Overflows.First(o => o.Name == name).Mode;

    /// <summary>The name of a mode.</summary>
    public static string Of(RoundingMode mode) => Roundings.First(r => r.Mode == mode).Name;

    /// <summary>The name of a mode.</summary>
    public static string Of(OverflowMode mode) => Overflows.First(o => o.Mode == mode).Name;
}
