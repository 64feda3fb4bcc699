using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>The function behind <see cref="FloatFunction.Tanh"/>.</summary>
internal static class FloatTanh
{
    // MLAS's tanh: the odd numerator and the even denominator, highest power first.
    private const float Far = 9;
    private const float A13 = -2.76076847742355e-16f, A11 = 2.00018790482477e-13f,
        A9 = -8.60467152213735e-11f, A7 = 5.12229709037114e-08f, A5 = 1.48572235717979e-05f,
        A3 = 6.37261928875436e-04f, A1 = 4.89352455891786e-03f;
    private const float B6 = 1.19825839466702e-06f, B4 = 1.18534705686654e-04f,
        B2 = 2.26843463243900e-03f, B0 = 4.89352518554385e-03f;

    /// <summary>Of a raw number, as kernels compute it.</summary>
    public static long Value(long raw)
    {
        long far = OrderedFloat.Of(Binary32.OfInteger((long)Far));
        Binary32 x = OrderedFloat.Number(raw < -far ? -far : raw > far ? far : raw);
        Binary32 square = Binary32.Multiply(x, x);
        Binary32 above = Term(Number(A13), square, A11);
        above = Term(above, square, A9);
        above = Term(above, square, A7);
        above = Term(above, square, A5);
        above = Term(above, square, A3);
        above = Binary32.Multiply(Term(above, square, A1), x);
        Binary32 below = Term(Number(B6), square, B4);
        below = Term(below, square, B2);
        below = Term(below, square, B0);
        return OrderedFloat.Of(Binary32.Divide(above, below));
    }

    /// <summary>The same in the processor's float32; NaN where that is not sure.</summary>
    public static float Fast(float value)
    {
        float x = Math.Clamp(value, -Far, Far), square = x * x;
        float above = MathF.FusedMultiplyAdd(A13, square, A11);
        above = MathF.FusedMultiplyAdd(above, square, A9);
        above = MathF.FusedMultiplyAdd(above, square, A7);
        above = MathF.FusedMultiplyAdd(above, square, A5);
        above = MathF.FusedMultiplyAdd(above, square, A3);
        above = MathF.FusedMultiplyAdd(above, square, A1) * x;
        float below = MathF.FusedMultiplyAdd(B6, square, B4);
        below = MathF.FusedMultiplyAdd(below, square, B2);
        below = MathF.FusedMultiplyAdd(below, square, B0);
        return MathF.Abs(x) > 1e-30f ? above / below : float.NaN;
    }

    private static Binary32 Term(Binary32 sum, Binary32 square, float next) =>
        Binary32.MultiplyAdd(sum, square, Number(next));

    private static Binary32 Number(float value) => OrderedFloat.Number(OrderedFloat.Of(value));
}
