namespace QSim.Simulator.Quantization;

/// <summary>A positive ratio as <c>Value * 2^-(bits - 1) * 2^Exponent</c>.</summary>
/// <param name="Value">An integer in [2^(bits-2), 2^(bits-1)).</param>
/// <param name="Exponent">A power of two.</param>
internal readonly record struct FixedMultiplier(int Value, int Exponent)
{
    /// <summary>
    /// One of 32 bits with fewer, rounded once more, ties upward, and no larger than the largest:
    /// TensorFlow Lite's and CMSIS-NN's REDUCE_MULTIPLIER for 16 bits.
    /// </summary>
    public FixedMultiplier Reduced(int bits)
    {
        int drop = 32 - bits;
        long value = drop == 0 ? Value : (Value + (1L << (drop - 1))) >> drop;
        return this with { Value = (int)Math.Min(value, (1L << (bits - 1)) - 1) };
    }

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
