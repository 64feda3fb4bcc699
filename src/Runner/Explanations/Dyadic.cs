namespace QSim.Runner.Explanations;

/// <summary>A double as the integer and the binary point that it is made of.</summary>
internal static class Dyadic
{
    /// <summary>
    /// Splits a finite double: it is exactly <c>Raw * 2^-FractionBits</c>, Raw odd or 0.
    /// </summary>
    public static (long Raw, int FractionBits) Split(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int biased = (int)((bits >> 52) & 0x7FF);
        long fraction = bits & 0xFFFFFFFFFFFFF;
        long raw = biased == 0 ? fraction : fraction | (1L << 52);
        int fractionBits = 1075 - Math.Max(1, biased);
        while (raw != 0 && (raw & 1) == 0)
        {
            raw >>= 1;
            fractionBits--;
        }

        return raw == 0 ? (0, 0) : (bits < 0 ? -raw : raw, fractionBits);
    }
}
