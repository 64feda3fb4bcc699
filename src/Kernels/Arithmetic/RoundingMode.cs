using System.Collections.Immutable;

namespace QSim.Kernels.Arithmetic;

/// <summary>
/// What happens to the low bits that a conversion drops. With <c>v = q*2^s + r</c>,
/// <c>0 &lt;= r &lt; 2^s</c>, the result is q, plus 1 under the condition that each mode states;
/// <c>half</c> is bit s-1 of v, <c>sticky</c> is set when any lower bit is.
/// </summary>
/// <remarks>Names in parentheses are those of ap_fixed, ac_fixed and sc_fixed.</remarks>
public enum RoundingMode
{
    /// <summary>Never adds 1: floor (TRN).</summary>
    TowardNegative,

    /// <summary>Adds 1 when v is negative and r is not 0 (TRN_ZERO).</summary>
    TowardZero,

    /// <summary>Adds 1 when r is not 0: MATLAB's Ceiling (CEIL).</summary>
    TowardPositive,

    /// <summary>Adds 1 when half (RND).</summary>
    NearestTiesTowardPositive,

    /// <summary>Adds 1 when half and sticky (RND_MIN_INF).</summary>
    NearestTiesTowardNegative,

    /// <summary>Adds 1 when half and (v negative or sticky) (RND_ZERO).</summary>
    NearestTiesTowardZero,

    /// <summary>Adds 1 when half and (v not negative or sticky) (RND_INF).</summary>
    NearestTiesAway,

    /// <summary>Adds 1 when half and (q odd or sticky) (RND_CONV).</summary>
    NearestTiesToEven,

    /// <summary>Adds 1 when half and (q even or sticky) (RND_CONV_ODD, ac_fixed only).</summary>
    NearestTiesToOdd,

    /// <summary>Adds 1 when r &gt; u, u uniform in [0, 2^s) (STOCHASTIC).</summary>
    Stochastic,
}

/// <summary>
/// What profiles and libraries call the modes: beside them, so that a mode is named where it is
/// made.
/// </summary>
internal static class RoundingNames
{
    /// <summary>In the order of ARITHMETIC.md section 2.</summary>
    public static ImmutableArray<(string Name, RoundingMode Mode)> All { get; } =
    [
        ("TRN", RoundingMode.TowardNegative),
        ("TRN_ZERO", RoundingMode.TowardZero),
        ("CEIL", RoundingMode.TowardPositive),
        ("RND", RoundingMode.NearestTiesTowardPositive),
        ("RND_MIN_INF", RoundingMode.NearestTiesTowardNegative),
        ("RND_ZERO", RoundingMode.NearestTiesTowardZero),
        ("RND_INF", RoundingMode.NearestTiesAway),
        ("RND_CONV", RoundingMode.NearestTiesToEven),
        ("RND_CONV_ODD", RoundingMode.NearestTiesToOdd),
        ("STOCHASTIC", RoundingMode.Stochastic),
    ];

    /// <summary>Those that ac_fixed has and ap_fixed and sc_fixed do not.</summary>
    public static ImmutableArray<string> OfAcFixedAlone { get; } = ["RND_CONV_ODD"];
}
