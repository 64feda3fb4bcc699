using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests;

/// <summary>What ap_fixed, ac_fixed and sc_fixed call the modes.</summary>
internal static class ModeNames
{
    public static readonly IReadOnlyDictionary<string, RoundingMode> Rounding =
        new Dictionary<string, RoundingMode>
        {
            ["TRN"] = RoundingMode.TowardNegative,
            ["TRN_ZERO"] = RoundingMode.TowardZero,
            ["CEIL"] = RoundingMode.TowardPositive,
            ["RND"] = RoundingMode.NearestTiesTowardPositive,
            ["RND_MIN_INF"] = RoundingMode.NearestTiesTowardNegative,
            ["RND_ZERO"] = RoundingMode.NearestTiesTowardZero,
            ["RND_INF"] = RoundingMode.NearestTiesAway,
            ["RND_CONV"] = RoundingMode.NearestTiesToEven,
            ["RND_CONV_ODD"] = RoundingMode.NearestTiesToOdd,
        };

    public static readonly IReadOnlyDictionary<string, OverflowMode> Overflow =
        new Dictionary<string, OverflowMode>
        {
            ["SAT"] = OverflowMode.Saturate,
            ["SAT_ZERO"] = OverflowMode.SaturateToZero,
            ["SAT_SYM"] = OverflowMode.SaturateSymmetric,
            ["WRAP"] = OverflowMode.Wrap,
            ["WRAP_SM"] = OverflowMode.WrapSignMagnitude,
        };
}
