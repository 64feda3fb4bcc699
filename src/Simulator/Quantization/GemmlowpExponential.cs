using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Quantization;

/// <summary>
/// gemmlowp's exponential of numbers that are not positive (fixedpoint.h, exp_on_negative_values)
/// with 5 integer bits, and how TensorFlow Lite brings differences of raw values to it.
/// </summary>
internal static class GemmlowpExponential
{
    private const int IntegerBits = 5;
    private const int FractionBits = 31 - IntegerBits;
    private const int Quarter = 1 << (FractionBits - 2);

    // exp(-2^e) for e = -2..4, 31 fraction bits.
    private static readonly int[] Powers =
        [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

    /// <summary>
    /// exp(-difference * step), 31 fraction bits; 0 where the difference does not fit 5 bits.
    /// </summary>
    public static IEnumerable<int> Table(float step, IEnumerable<int> differences)
    {
        FixedMultiplier m = FixedMultiplier.Of(
            Math.Min(step * (double)(1L << FractionBits), (1L << 31) - 1.0), 32);
        double radius = ((1 << IntegerBits) - 1) * Math.ScaleB(1, FractionBits - m.Exponent);
        return differences.Select(d => d > Math.Floor(radius)
            ? 0
            : Of((int)Requantizer.HighMultiply(-(long)d << m.Exponent, m.Value)));
    }

    /// <summary>The exponential of a value of 26 fraction bits, at most 0.</summary>
    internal static int Of(int value)
    {
        if (value == 0) return int.MaxValue;
        int within = (value & (Quarter - 1)) - Quarter;
        int remainder = within - value;
        long result = NearZero(within << IntegerBits);
        for (int i = 0; i < Powers.Length; i++)
            if ((remainder & (1 << (FractionBits - 2 + i))) != 0)
                result = Requantizer.HighMultiply(result, Powers[i]);
        return (int)result;
    }

    /// <summary>On [-1/4, 0), 31 fraction bits: a polynomial about -1/8.</summary>
    private static long NearZero(int value)
    {
        const int AtEighth = 1895147668, Third = 715827883;
        long x = value + (1L << 28);
        long x2 = Requantizer.HighMultiply(x, (int)x);
        long x3 = Requantizer.HighMultiply(x2, (int)x);
        long x4 = Requantizer.HighMultiply(x2, (int)x2);
        long sum = Requantizer.HighMultiply(Half(x4, 2) + x3, Third) + x2;
        return AtEighth + Requantizer.HighMultiply(x + Half(sum, 1), AtEighth);
    }

    private static long Half(long value, int times) =>
        Rounding.ShiftRight(value, times, RoundingMode.NearestTiesAway);
}
