using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// A mean of real values, as ONNX Runtime's QLinearAveragePool computes it: each value less its
/// zero point times its scale, their sum in order, the division, the output's scale and zero point,
/// every operation rounded to float32, then to the nearest integer, ties to even. Blittable.
/// </summary>
/// <param name="IsUsed">1 where a mean is made so; the default is not.</param>
/// <param name="Scale">The input's scale.</param>
/// <param name="Zero">The input's zero point.</param>
/// <param name="OutputScale">The output's scale.</param>
/// <param name="OutputZero">The output's zero point.</param>
internal readonly record struct RealMean(
    int IsUsed, Binary32 Scale, int Zero, Binary32 OutputScale, int OutputZero)
{
    // A sum travels where units that add integers have theirs: 25 bits and an exponent.
    private const int ExponentBits = 32;

    /// <summary>The sum after one more value; 0 is the empty one.</summary>
    public long Add(long sum, long raw) => Pack(Binary32.Add(
        Unpack(sum), Binary32.Multiply(Scale, Binary32.OfInteger(raw - Zero))));

    /// <summary>The mean as a raw value, not yet fitted to the output.</summary>
    public long Of(long sum, int count, ref ConversionEvents events)
    {
        Binary32 mean = Binary32.Divide(Unpack(sum), Binary32.OfInteger(count));
        bool inexact = false;
        long raw = Binary32.Add(
            Binary32.Divide(mean, OutputScale), Binary32.OfInteger(OutputZero))
            .ToInteger(ref inexact);
        if (inexact) events |= ConversionEvents.Inexact;
        return raw;
    }

    private static long Pack(Binary32 number) =>
        (number.Significand << ExponentBits) | (uint)number.Exponent;

    private static Binary32 Unpack(long packed) =>
        new(packed >> ExponentBits, (int)packed);
}
