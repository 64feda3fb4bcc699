namespace QSim.Simulator.Quantization;

/// <summary>A positive ratio as <c>Value * 2^-(bits - 1) * 2^Exponent</c>.</summary>
/// <param name="Value">An integer in [2^(bits-2), 2^(bits-1)).</param>
/// <param name="Exponent">A power of two.</param>
internal readonly record struct FixedMultiplier(int Value, int Exponent)
{
    /// <summary>
    /// The nearest one of B bits, its sign bit counted, ties away from zero: TFLite's
    /// QuantizeMultiplier for B = 32.
    /// </summary>
    public static FixedMultiplier Of(double ratio, int bits)
    {
        int exponent = Math.ILogB(ratio) + 1;
        long value = (long)
            Math.Round(Math.ScaleB(ratio, bits - 1 - exponent), MidpointRounding.AwayFromZero);
        return value == 1L << (bits - 1)
            ? new((int)(value / 2), exponent + 1)
            : new((int)value, exponent);
    }
}
