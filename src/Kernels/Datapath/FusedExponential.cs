using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// MLAS's exponential where the processor has fused multiply-adds: <c>2^m P(r)</c>, m the nearest
/// integer to <c>x / ln 2</c>, r what is left. Its error function and its softmax have polynomials
/// of their own, of the same form, whose last two coefficients are 1.
/// </summary>
internal static class FusedExponential
{
    private const float Log2E = 1.44269504f, High = -6.93145752e-1f, Low = -1.42860677e-6f;

    // 3 * 2^22: a sum with it keeps whole numbers only.
    private const float Whole = 1.25829120e+7f;
    private const int FractionBits = 23, Bias = 127;

    /// <summary>Of a number, as kernels compute it.</summary>
    public static Binary32 Of(Binary32 x, float e6, float e5, float e4, float e3, float e2)
    {
        Binary32 power = Binary32.Add(Term(Number(Log2E), x, Whole), Number(-Whole));
        bool inexact = false;
        int m = (int)power.ToInteger(ref inexact);
        Binary32 r = Binary32.MultiplyAdd(power, Number(High), x);
        r = Binary32.MultiplyAdd(power, Number(Low), r);
        Binary32 e = Term(Number(e6), r, e5);
        e = Term(e, r, e4);
        e = Term(e, r, e3);
        e = Term(e, r, e2);
        e = Term(e, r, 1);
        e = Term(e, r, 1);
        return e with { Exponent = e.Exponent + m };
    }

    /// <summary>The same in the processor's float32.</summary>
    public static float Fast(float x, float e6, float e5, float e4, float e3, float e2)
    {
        float power = MathF.FusedMultiplyAdd(Log2E, x, Whole) - Whole;
        float r = MathF.FusedMultiplyAdd(power, High, x);
        r = MathF.FusedMultiplyAdd(power, Low, r);
        float e = MathF.FusedMultiplyAdd(e6, r, e5);
        e = MathF.FusedMultiplyAdd(e, r, e4);
        e = MathF.FusedMultiplyAdd(e, r, e3);
        e = MathF.FusedMultiplyAdd(e, r, e2);
        e = MathF.FusedMultiplyAdd(e, r, 1);
        e = MathF.FusedMultiplyAdd(e, r, 1);
        return e * PowerOfTwo((int)power);
    }

    /// <summary><c>sum x + next</c>, rounded once.</summary>
    public static Binary32 Term(Binary32 sum, Binary32 x, float next) =>
        Binary32.MultiplyAdd(sum, x, Number(next));

    /// <summary>A constant.</summary>
    public static Binary32 Number(float value) => OrderedFloat.Number(OrderedFloat.Of(value));

    /// <summary>2^power, the power one of a normal number.</summary>
    public static float PowerOfTwo(int power) =>
        BitConverter.Int32BitsToSingle((power + Bias) << FractionBits);
}
