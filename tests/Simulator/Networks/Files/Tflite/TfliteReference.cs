namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// TensorFlow Lite's reference arithmetic for int8, after its documentation and gemmlowp's: written
/// for tests alone, from scratch, in the plainest loops.
/// </summary>
internal static class TfliteReference
{
    /// <summary>A multiplier of 31 bits and a power of two.</summary>
    public static (int Multiplier, int Shift) Multiplier(double real)
    {
        if (real == 0) return (0, 0);
        int shift = 0;
        while (real >= 1) { real /= 2; shift++; }
        while (real < 0.5) { real *= 2; shift--; }
        long fixedPoint = (long)Math.Round(real * (1L << 31), MidpointRounding.AwayFromZero);
        if (fixedPoint == 1L << 31) { fixedPoint /= 2; shift++; }
        return ((int)fixedPoint, shift);
    }

    /// <summary>Two roundings: to the high half of a doubled product, then by a shift.</summary>
    public static int Scaled(int value, (int Multiplier, int Shift) by)
    {
        int left = Math.Max(by.Shift, 0), right = Math.Max(-by.Shift, 0);
        long product = (long)(value << left) * by.Multiplier;
        long nudge = product >= 0 ? 1L << 30 : 1 - (1L << 30);
        int high = (int)((product + nudge) / (1L << 31));
        int mask = (int)((1L << right) - 1), rest = high & mask;
        int threshold = (mask >> 1) + (high < 0 ? 1 : 0);
        return (high >> right) + (rest > threshold ? 1 : 0);
    }

    /// <summary>A quotient, halves away from zero.</summary>
    public static int Quotient(int sum, int count) =>
        sum > 0 ? (sum + (count / 2)) / count : (sum - (count / 2)) / count;

    /// <summary>Into int8 or uint8, after RELU (1) or RELU6 (3).</summary>
    public static int Fit(int raw, TestTensor y, int activation)
    {
        int least = y.IsUnsigned ? 0 : -128, most = least + 255;
        int low = activation == 0 ? least : Math.Max(least, y.Zero);
        int high = activation == 3
            ? Math.Min(most, y.Zero + (int)MathF.Round(6 / y.Scale, MidpointRounding.AwayFromZero))
            : most;
        return Math.Clamp(raw, low, high);
    }
}
