namespace QSim.Kernels.Arithmetic;

/// <summary>
/// An IEEE 754 binary64 number as <c>Significand * 2^Exponent</c>, in integers, as
/// <see cref="Binary32"/> is: what a library sums in double.
/// </summary>
/// <param name="Significand">At most 2^53 in magnitude.</param>
/// <param name="Exponent">A power of two.</param>
internal readonly record struct Binary64(long Significand, int Exponent)
{
    private const int SignificandBits = 53;
    private const int QuotientBits = 56;
    private const int MostBits = 61;

    /// <summary>A float32 number, exactly.</summary>
    public static Binary64 Of(Binary32 number) => new(number.Significand, number.Exponent);

    /// <summary>The sum, rounded.</summary>
    public static Binary64 Add(Binary64 x, Binary64 y)
    {
        if (x.Significand == 0) return y;
        if (y.Significand == 0) return x;
        bool xIsHigh = Top(x) >= Top(y);
        Binary64 high = xIsHigh ? x : y, low = xIsHigh ? y : x;
        int room = MostBits - Float32.BitLength(high.Significand);
        long sum = high.Significand << room;
        int exponent = high.Exponent - room, drop = exponent - low.Exponent;
        if (drop <= 0) return Rounded(sum + (low.Significand << -drop), exponent);
        // Far below what is rounded, the last bits only have to be known to be there.
        long kept = Rounding.Floor(low.Significand, drop);
        return Rounded(
            sum + (Rounding.IsInexact(low.Significand, drop) ? kept | 1 : kept), exponent);
    }

    /// <summary>The quotient by a whole number above 0, rounded, and that to float32.</summary>
    public Binary32 Over(int count)
    {
        bool isNegative = Significand < 0;
        long magnitude = isNegative ? -Significand : Significand;
        long quotient = magnitude / count, rest = magnitude % count;
        int exponent = Exponent;
        while (magnitude != 0 && quotient >> (QuotientBits - 1) == 0)
        {
            rest <<= 1;
            quotient <<= 1;
            if (rest >= count)
            {
                rest -= count;
                quotient |= 1;
            }

            exponent--;
        }

        quotient = (quotient << 1) | (rest == 0 ? 0L : 1L);
        Binary64 wide = Rounded(isNegative ? -quotient : quotient, exponent - 1);
        return Binary32.Add(new(wide.Significand, wide.Exponent), default);
    }

    /// <summary>Exponent of the highest bit.</summary>
    private static int Top(Binary64 x) => x.Exponent + Float32.BitLength(x.Significand);

    private static Binary64 Rounded(long value, int exponent)
    {
        int drop = Float32.BitLength(value) - SignificandBits;
        return drop > 0
            ? new(
                Rounding.ShiftRight(value, drop, RoundingMode.NearestTiesToEven), exponent + drop)
            : new(value, exponent);
    }
}
