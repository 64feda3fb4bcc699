namespace QSim.Kernels.Arithmetic;

/// <summary>
/// IEEE 754 binary32 multiplication in integers, so that no compiler can contract or widen it:
/// every backend rounds where the standard says.
/// </summary>
internal static class Float32
{
    private const int SignificandBits = 24;
    private const int LargestExponent = 62;

    /// <summary>
    /// Effectively computes <c>round(float32(value) * (mantissa * 2^exponent))</c>, the product
    /// rounded to float32 first.
    /// </summary>
    /// <param name="value">The integer to scale.</param>
    /// <param name="mantissa">The scale's significand, below 2^24 in magnitude.</param>
    /// <param name="exponent">The scale's exponent.</param>
    /// <param name="rounding">How the product becomes an integer; any mode but stochastic.</param>
    /// <param name="inexact">Set when the last rounding changed the product.</param>
    /// <returns>The integer; beyond 2^62 in magnitude, 2^62 with the product's sign.</returns>
    public static long ScaleToInteger(
        long value, int mantissa, int exponent, RoundingMode rounding, ref bool inexact)
    {
        int valueExponent = 0;
        long significand = ToSignificand(value, ref valueExponent);
        int productExponent = 0;
        long product = ToSignificand(significand * mantissa, ref productExponent);
        int e = exponent + valueExponent + productExponent;
        if (e >= 0)
        {
            bool tooLarge = product != 0 && BitLength(product) + e > LargestExponent;
            return !tooLarge ? product << e
                : product < 0 ? -(1L << LargestExponent)
                : 1L << LargestExponent;
        }

        if (Rounding.IsInexact(product, -e)) inexact = true;
        return Rounding.ShiftRight(product, -e, rounding);
    }

    /// <summary>
    /// Splits a finite float32 into an integer significand and an exponent, exactly.
    /// </summary>
    public static (int Mantissa, int Exponent) Split(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        int fraction = bits & 0x7FFFFF;
        int biased = (bits >> 23) & 0xFF;
        int mantissa = biased == 0 ? fraction : fraction | 0x800000;
        return (bits < 0 ? -mantissa : mantissa, (biased == 0 ? 1 : biased) - 150);
    }

    /// <summary>
    /// Rounds an integer to 24 significant bits, ties to even; exponent counts the bits dropped.
    /// </summary>
    private static long ToSignificand(long value, ref int exponent)
    {
        exponent = BitLength(value) - SignificandBits;
        if (exponent > 0)
            return Rounding.ShiftRight(value, exponent, RoundingMode.NearestTiesToEven);
        exponent = 0;
        return value;
    }

    /// <summary>Bits of the magnitude; 0 for 0.</summary>
    internal static int BitLength(long value)
    {
        ulong magnitude = (ulong)(value < 0 ? -value : value);
        int length = magnitude == 0 ? 0 : 1;
        for (int half = 32; half > 0; half >>= 1)
        {
            if (magnitude >> half == 0) continue;
            magnitude >>= half;
            length += half;
        }

        return length;
    }
}
