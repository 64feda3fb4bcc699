using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Oracle;

/// <summary>
/// Rounding as the standards put it in words: of the two neighbouring integers take the lower, the
/// higher, the smaller in magnitude or the nearer one; of two equally near ones, the one that the
/// mode prefers.
/// </summary>
internal static class RoundingOracle
{
    public static BigInteger Quantize(Rational value, RoundingMode mode)
    {
        BigInteger below = value.Below();
        if (value.IsInteger) return below;
        BigInteger above = below + 1;
        BigInteger inner = BigInteger.Abs(below) < BigInteger.Abs(above) ? below : above;
        BigInteger outer = inner == below ? above : below;
        return mode switch
        {
            RoundingMode.TowardNegative => below,
            RoundingMode.TowardPositive => above,
            RoundingMode.TowardZero => inner,
            RoundingMode.NearestTiesTowardPositive => Nearest(value, above, below),
            RoundingMode.NearestTiesTowardNegative => Nearest(value, below, above),
            RoundingMode.NearestTiesTowardZero => Nearest(value, inner, outer),
            RoundingMode.NearestTiesAway => Nearest(value, outer, inner),
            RoundingMode.NearestTiesToEven => below.IsEven
                ? Nearest(value, below, above)
                : Nearest(value, above, below),
            RoundingMode.NearestTiesToOdd => below.IsEven
                ? Nearest(value, above, below)
                : Nearest(value, below, above),
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
    }

    private static BigInteger Nearest(Rational value, BigInteger preferred, BigInteger other) =>
        value.CompareDistance(preferred, other) <= 0 ? preferred : other;
}
