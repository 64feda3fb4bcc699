using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// exp(x) as Eigen computes it on x64 without fused multiply-adds (what ONNX Runtime's Elu calls):
/// <c>2^m P(r)</c>, m the nearest integer to x / ln 2 and r what is left, taken away in two parts.
/// </summary>
internal static class FloatExponential
{
    private const float Log2E = 1.44269504f, Half = 0.5f;

    // ln 2 = High - Low.
    private const float High = -0.693359375f, Low = 2.12194440e-4f;
    private const float P2 = 0.499999881f, P3 = 0.166665182f, P4 = 4.16696519e-2f,
        P5 = 8.36894475e-3f, P6 = 1.37449638e-3f;

    // Below it exp(x) - 1 is -1: exp(x) is below 2^-28.
    private const float Far = -20;

    /// <summary>exp(x) - 1 of a raw number below 0, as kernels compute it.</summary>
    public static long LessOne(long raw)
    {
        long far = OrderedFloat.Of(Binary32.OfInteger((long)Far));
        Binary32 x = OrderedFloat.Number(raw < far ? far : raw);
        Binary32 shifted = Binary32.Add(Binary32.Multiply(x, Number(Log2E)), Number(Half));
        bool inexact = false;
        long m = shifted.ToInteger(RoundingMode.TowardNegative, ref inexact);
        Binary32 floor = Binary32.OfInteger(m);
        Binary32 r = Binary32.Add(Binary32.Multiply(floor, Number(High)), x);
        r = Binary32.Add(Binary32.Multiply(floor, Number(Low)), r);
        Binary32 square = Binary32.Multiply(r, r);
        Binary32 even = Term(square, Number(P6), Number(P4));
        Binary32 odd = Term(square, Number(P5), Number(P3));
        even = Term(square, even, Number(P2));
        Binary32 y = Term(square, Term(r, odd, even), Binary32.Add(r, Binary32.OfInteger(1)));
        return OrderedFloat.Of(Binary32.Add(
            y with { Exponent = y.Exponent + (int)m }, Binary32.OfInteger(-1)));
    }

    /// <summary>
    /// The same in the processor's float32: what is too small for it is lost in the sum with 1.
    /// </summary>
    public static float FastLessOne(float value)
    {
        float y = Fraction(Math.Max(value, Far), out float m);
        return (y * FusedExponential.PowerOfTwo((int)m)) - 1;
    }

    /// <summary>exp(x) of a number of at most 0, in the processor's float32.</summary>
    public static float Fast(float value) => MathF.ScaleB(Fraction(value, out float m), (int)m);

    /// <summary>P(r), and m.</summary>
    private static float Fraction(float x, out float m)
    {
        m = MathF.Floor((x * Log2E) + Half);
        float r = (m * High) + x;
        r = (m * Low) + r;
        float square = r * r;
        float even = (square * P6) + P4, odd = (square * P5) + P3;
        even = (square * even) + P2;
        return (square * ((r * odd) + even)) + (r + 1);
    }

    private static Binary32 Term(Binary32 x, Binary32 y, Binary32 z) =>
        Binary32.Add(Binary32.Multiply(x, y), z);

    private static Binary32 Number(float value) => OrderedFloat.Number(OrderedFloat.Of(value));
}
