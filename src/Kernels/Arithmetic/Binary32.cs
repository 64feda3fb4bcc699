namespace QSim.Kernels.Arithmetic;

/// <summary>
/// An IEEE 754 binary32 number as <c>Significand * 2^Exponent</c>, in integers: kernels compute
/// with it where hardware or a library computes in float32, and no compiler can contract or widen
/// what they do. Exponents have no limits, so there is neither infinity nor a subnormal number.
/// </summary>
/// <param name="Significand">At most 2^24 in magnitude.</param>
/// <param name="Exponent">A power of two.</param>
internal readonly record struct Binary32(long Significand, int Exponent)
{
    private const int SignificandBits = 24;
    private const int MostBits = 61;
    private const int MostSquareBits = 54;

    /// <summary>A finite float32, exactly.</summary>
    public static Binary32 Of(float value)
    {
        (int mantissa, int exponent) = Float32.Split(value);
        return new(mantissa, exponent);
    }

    /// <summary>An integer of at most 62 bits, rounded.</summary>
    public static Binary32 OfInteger(long value) => Rounded(value, 0);

    /// <summary>
    /// Effectively computes <c>fma(x, y, z)</c>: the exact product plus z, rounded once.
    /// </summary>
    public static Binary32 MultiplyAdd(Binary32 x, Binary32 y, Binary32 z) =>
        Sum(x.Significand * y.Significand, x.Exponent + y.Exponent, z.Significand, z.Exponent);

    /// <summary>The product, rounded.</summary>
    public static Binary32 Multiply(Binary32 x, Binary32 y) =>
        Rounded(x.Significand * y.Significand, x.Exponent + y.Exponent);

    /// <summary>The sum, rounded.</summary>
    public static Binary32 Add(Binary32 x, Binary32 y) =>
        Sum(x.Significand, x.Exponent, y.Significand, y.Exponent);

    /// <summary>The quotient, rounded; the divisor is not 0.</summary>
    public static Binary32 Divide(Binary32 x, Binary32 y)
    {
        // 62 bits over at most 25 leave a quotient of 37 or more: what is cut off only has to be
        // known to be there.
        int left = MostBits - Float32.BitLength(x.Significand);
        long dividend = x.Significand << left;
        long quotient = dividend / y.Significand;
        bool isCut = quotient * y.Significand != dividend;
        bool isNegative = x.Significand < 0 != y.Significand < 0;
        long sticky = !isCut ? 0 : isNegative ? -1 : 1;
        return Rounded((quotient * 2) + sticky, x.Exponent - left - y.Exponent - 1);
    }

    /// <summary>The square root, rounded; the number is not below 0.</summary>
    public static Binary32 SquareRoot(Binary32 x)
    {
        // 52 bits or more have a root of 26, and what is cut off only has to be known to be there.
        int left = MostSquareBits - Float32.BitLength(x.Significand);
        left -= (x.Exponent - left) & 1;
        long square = x.Significand << left, root = 0;
        for (long bit = 1L << (MostSquareBits / 2); bit > 0; bit >>= 1)
            if ((root | bit) * (root | bit) <= square)
                root |= bit;
        long sticky = root * root == square ? 0 : 1;
        return Rounded((root * 2) + sticky, ((x.Exponent - left) / 2) - 1);
    }

    /// <summary>The nearest integer, ties to even; 2^62 with the sign beyond that.</summary>
    /// <param name="inexact">Set when that changed the number.</param>
    public long ToInteger(ref bool inexact) =>
        ToInteger(RoundingMode.NearestTiesToEven, ref inexact);

    /// <summary>An integer next to it; 2^62 with the sign beyond that.</summary>
    /// <param name="rounding">Which one; any mode but stochastic.</param>
    /// <param name="inexact">Set when that changed the number.</param>
    public long ToInteger(RoundingMode rounding, ref bool inexact)
    {
        if (Exponent >= 0)
        {
            bool tooLarge =
                Significand != 0 && Float32.BitLength(Significand) + Exponent > MostBits + 1;
            return !tooLarge ? Significand << Exponent : Significand < 0 ? -(1L << 62) : 1L << 62;
        }

        if (Rounding.IsInexact(Significand, -Exponent)) inexact = true;
        return Rounding.ShiftRight(Significand, -Exponent, rounding);
    }

    /// <summary>
    /// The sum of two exact numbers of at most 57 bits. Where they are too far apart for 62 bits,
    /// the smaller one's last bits become one sticky bit, far below what is rounded.
    /// </summary>
    private static Binary32 Sum(long x, int xExponent, long y, int yExponent)
    {
        if (x == 0) return Rounded(y, yExponent);
        if (y == 0) return Rounded(x, xExponent);
        bool xIsHigh = xExponent >= yExponent;
        long high = xIsHigh ? x : y;
        long low = xIsHigh ? y : x;
        int lowExponent = xIsHigh ? yExponent : xExponent;
        int apart = (xIsHigh ? xExponent : yExponent) - lowExponent;
        int room = MostBits - Float32.BitLength(high);
        if (apart <= room) return Rounded((high << apart) + low, lowExponent);
        int drop = apart - room;
        long kept = Rounding.Floor(low, drop);
        long sticky = Rounding.IsInexact(low, drop) ? 1 : 0;
        return Rounded((high << room) + (kept | sticky), lowExponent + drop);
    }

    private static Binary32 Rounded(long value, int exponent)
    {
        int drop = Float32.BitLength(value) - SignificandBits;
        return drop > 0
            ? new(
                Rounding.ShiftRight(value, drop, RoundingMode.NearestTiesToEven), exponent + drop)
            : new(value, exponent);
    }
}
