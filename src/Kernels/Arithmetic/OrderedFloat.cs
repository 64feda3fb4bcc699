namespace QSim.Kernels.Arithmetic;

/// <summary>
/// A float32 number as an integer, in the numbers' own order: the bits of one that is not negative,
/// and of a negative one those of its magnitude, negated. Both zeros are 0, so that maxima, clamps
/// and moves of such integers are those of the numbers.
/// </summary>
internal static class OrderedFloat
{
    /// <summary>
    /// The integer of the largest finite number; its negative is that of the least.
    /// </summary>
    public const int Largest = 0x7F7FFFFF;

    private const int FractionBits = 23;
    private const int HiddenBit = 1 << FractionBits;
    private const int Bias = 150;
    private const int Infinite = 255;

    /// <summary>Of a finite number.</summary>
    public static int Of(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        return bits < 0 ? int.MinValue - bits : bits;
    }

    /// <summary>
    /// Of a number of any size: beyond the largest the largest, below 2^-126 in magnitude 0.
    /// </summary>
    public static long Of(Binary32 value)
    {
        if (value.Significand == 0) return 0;
        bool isNegative = value.Significand < 0;
        long magnitude = isNegative ? -value.Significand : value.Significand;
        int left = FractionBits + 1 - Float32.BitLength(magnitude);
        magnitude = left < 0 ? magnitude >> -left : magnitude << left;
        int biased = value.Exponent - left + Bias;
        long raw = biased >= Infinite ? Largest
            : biased <= 0 ? 0
            : ((long)biased << FractionBits) | (magnitude & (HiddenBit - 1));
        return isNegative ? -raw : raw;
    }

    /// <summary>The number as a float.</summary>
    public static float Value(long raw) =>
        BitConverter.Int32BitsToSingle((int)(raw < 0 ? int.MinValue - raw : raw));

    /// <summary>The number as kernels compute with it.</summary>
    public static Binary32 Number(long raw)
    {
        long magnitude = raw < 0 ? -raw : raw;
        int biased = (int)(magnitude >> FractionBits);
        long significand = magnitude & (HiddenBit - 1);
        if (biased != 0) significand |= HiddenBit;
        return new(raw < 0 ? -significand : significand, (biased == 0 ? 1 : biased) - Bias);
    }
}
