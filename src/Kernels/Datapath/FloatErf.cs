using QSim.Kernels.Arithmetic;
using static QSim.Kernels.Datapath.FusedExponential;

namespace QSim.Kernels.Datapath;

/// <summary>The function behind <see cref="FloatFunction.Erf"/>.</summary>
internal static class FloatErf
{
    // MLAS's error function: an odd polynomial near 0, 1 - exp(-Q(|x|)) beyond Split.
    private const float Far = 3.925f, Split = 0.921875f;
    private const float A11 = -5.99104969e-4f, A9 = 4.99339588e-3f, A7 = -2.67667342e-2f,
        A5 = 1.12818025e-1f, A3 = -3.76124859e-1f, A1 = 1.28379151e-1f;
    private const float B7 = 1.72948930e-5f, B6 = -3.83208680e-4f, B5 = 3.88393435e-3f,
        B4 = -2.42545605e-2f, B3 = 1.06777847e-1f, B2 = 6.34846687e-1f, B1 = 1.28717512e-1f;
    private const float E6 = 1.38319808e-3f, E5 = 8.37550033e-3f, E4 = 4.16689515e-2f,
        E3 = 1.66664466e-1f, E2 = 4.99999851e-1f;

    /// <summary>Of a raw number, as kernels compute it.</summary>
    public static long Value(long raw)
    {
        long magnitude = raw < 0 ? -raw : raw;
        long far = OrderedFloat.Of(Number(Far));
        if (magnitude > far) magnitude = far;
        Binary32 x = OrderedFloat.Number(magnitude);
        long y = OrderedFloat.Of(
            magnitude > OrderedFloat.Of(Number(Split)) ? Large(x) : Small(x));
        return raw < 0 ? -y : y;
    }

    /// <summary>The same in the processor's float32; NaN where that is not sure.</summary>
    public static float Fast(float value)
    {
        float x = Math.Min(MathF.Abs(value), Far);
        if (x < 1e-15f) return float.NaN;
        return MathF.CopySign(x > Split ? Large(x) : Small(x), value);
    }

    private static Binary32 Small(Binary32 x)
    {
        Binary32 square = Binary32.Multiply(x, x);
        Binary32 y = Term(Number(A11), square, A9);
        y = Term(y, square, A7);
        y = Term(y, square, A5);
        y = Term(y, square, A3);
        y = Term(y, square, A1);
        return Binary32.MultiplyAdd(y, x, x);
    }

    private static float Small(float x)
    {
        float square = x * x, y = MathF.FusedMultiplyAdd(A11, square, A9);
        y = MathF.FusedMultiplyAdd(y, square, A7);
        y = MathF.FusedMultiplyAdd(y, square, A5);
        y = MathF.FusedMultiplyAdd(y, square, A3);
        y = MathF.FusedMultiplyAdd(y, square, A1);
        return MathF.FusedMultiplyAdd(y, x, x);
    }

    private static Binary32 Large(Binary32 x)
    {
        Binary32 y = Term(Number(B7), x, B6);
        y = Term(y, x, B5);
        y = Term(y, x, B4);
        y = Term(y, x, B3);
        y = Term(y, x, B2);
        y = Term(y, x, B1);
        y = Binary32.MultiplyAdd(y, x, x);
        y = y with { Significand = -y.Significand };
        Binary32 e = FusedExponential.Of(y, E6, E5, E4, E3, E2);
        return Binary32.Add(Number(1), e with { Significand = -e.Significand });
    }

    private static float Large(float x)
    {
        float y = MathF.FusedMultiplyAdd(B7, x, B6);
        y = MathF.FusedMultiplyAdd(y, x, B5);
        y = MathF.FusedMultiplyAdd(y, x, B4);
        y = MathF.FusedMultiplyAdd(y, x, B3);
        y = MathF.FusedMultiplyAdd(y, x, B2);
        y = MathF.FusedMultiplyAdd(y, x, B1);
        y = -MathF.FusedMultiplyAdd(y, x, x);
        return 1 - FusedExponential.Fast(y, E6, E5, E4, E3, E2);
    }
}
