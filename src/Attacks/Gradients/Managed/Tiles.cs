using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>A step of a reduction: where its weights and its values lie.</summary>
internal readonly record struct Tap(int Weight, int Value);

/// <summary>
/// The steps of a reduction: <see cref="Inner"/> taps, repeated <see cref="Outer"/> times, each
/// time so much further on.
/// </summary>
/// <remarks>
/// Needs steps that lie in weights and source, which WindowProduct makes of windows that
/// Windows asserts.
/// </remarks>
internal readonly unsafe struct Reduction(
    Tap* taps, int inner, int outer, nint weightStep, nint valueStep)
{
    public readonly Tap* Taps = taps;
    public readonly int Inner = inner;
    public readonly int Outer = outer;
    public readonly nint WeightStep = weightStep;
    public readonly nint ValueStep = valueStep;
}

/// <summary>
/// What becomes of a finished sum: added to what is there where asked for, then cut off below.
/// </summary>
internal readonly struct Epilogue(bool adds, float floor)
{
    public readonly bool Adds = adds;
    public readonly Vector256<float> Floor = Vector256.Create(floor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector256<float> Finish(Vector256<float> sum, float* there)
    {
        if (Adds) sum = Vector256.Load(there) + sum;
        return Vector256.ConditionalSelect(Vector256.LessThan(sum, Floor), Floor, sum);
    }
}

/// <summary>
/// The inner loops: <c>y[m] = initial[m] + sum over steps of weight[m] * value</c> for so many rows
/// m and two vectors of images, each sum one chain of multiply-adds in the order of the steps. A
/// step's weights of all rows lie together.
/// </summary>
internal static unsafe class Tiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6(
        float* w, float* x, in Reduction steps, float* initial, float* y, nint yRow,
        in Epilogue end)
    {
        // Twelve sums, two values and a weight: 15 of the 16 registers that AVX2 has.
        Vector256<float> s00 = Vector256.Create(initial[0]),
            s10 = Vector256.Create(initial[1]),
            s20 = Vector256.Create(initial[2]);
        Vector256<float> s30 = Vector256.Create(initial[3]),
            s40 = Vector256.Create(initial[4]),
            s50 = Vector256.Create(initial[5]);
        Vector256<float> s01 = s00, s11 = s10, s21 = s20, s31 = s30, s41 = s40, s51 = s50;
        Tap* last = steps.Taps + steps.Inner;
        for (
            int outer = steps.Outer;
            outer > 0;
            outer--, w += steps.WeightStep, x += steps.ValueStep
        )
        {
            for (Tap* tap = steps.Taps; tap < last; tap++)
            {
                float* a = w + tap->Weight,
                    b = x + tap->Value;
                Vector256<float> x0 = Vector256.Load(b),
                    x1 = Vector256.Load(b + Vector256<float>.Count),
                    v = Vector256.Create(a[0]);
                s00 = Vector256.FusedMultiplyAdd(v, x0, s00);
                s01 = Vector256.FusedMultiplyAdd(v, x1, s01);
                v = Vector256.Create(a[1]);
                s10 = Vector256.FusedMultiplyAdd(v, x0, s10);
                s11 = Vector256.FusedMultiplyAdd(v, x1, s11);
                v = Vector256.Create(a[2]);
                s20 = Vector256.FusedMultiplyAdd(v, x0, s20);
                s21 = Vector256.FusedMultiplyAdd(v, x1, s21);
                v = Vector256.Create(a[3]);
                s30 = Vector256.FusedMultiplyAdd(v, x0, s30);
                s31 = Vector256.FusedMultiplyAdd(v, x1, s31);
                v = Vector256.Create(a[4]);
                s40 = Vector256.FusedMultiplyAdd(v, x0, s40);
                s41 = Vector256.FusedMultiplyAdd(v, x1, s41);
                v = Vector256.Create(a[5]);
                s50 = Vector256.FusedMultiplyAdd(v, x0, s50);
                s51 = Vector256.FusedMultiplyAdd(v, x1, s51);
            }
        }

        Store(s00, s01, y, end);
        Store(s10, s11, y + yRow, end);
        Store(s20, s21, y + (2 * yRow), end);
        y += 3 * yRow;
        Store(s30, s31, y, end);
        Store(s40, s41, y + yRow, end);
        Store(s50, s51, y + (2 * yRow), end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(
        float* w, float* x, in Reduction steps, float* initial, float* y, nint yRow,
        in Epilogue end)
    {
        Vector256<float> s00 = Vector256.Create(initial[0]),
            s10 = Vector256.Create(initial[1]),
            s20 = Vector256.Create(initial[2]),
            s30 = Vector256.Create(initial[3]);
        Vector256<float> s01 = s00,
            s11 = s10,
            s21 = s20,
            s31 = s30;
        Tap* last = steps.Taps + steps.Inner;
        for (
            int outer = steps.Outer;
            outer > 0;
            outer--, w += steps.WeightStep, x += steps.ValueStep
        )
        {
            for (Tap* tap = steps.Taps; tap < last; tap++)
            {
                float* a = w + tap->Weight,
                    b = x + tap->Value;
                Vector256<float> x0 = Vector256.Load(b),
                    x1 = Vector256.Load(b + Vector256<float>.Count),
                    v = Vector256.Create(a[0]);
                s00 = Vector256.FusedMultiplyAdd(v, x0, s00);
                s01 = Vector256.FusedMultiplyAdd(v, x1, s01);
                v = Vector256.Create(a[1]);
                s10 = Vector256.FusedMultiplyAdd(v, x0, s10);
                s11 = Vector256.FusedMultiplyAdd(v, x1, s11);
                v = Vector256.Create(a[2]);
                s20 = Vector256.FusedMultiplyAdd(v, x0, s20);
                s21 = Vector256.FusedMultiplyAdd(v, x1, s21);
                v = Vector256.Create(a[3]);
                s30 = Vector256.FusedMultiplyAdd(v, x0, s30);
                s31 = Vector256.FusedMultiplyAdd(v, x1, s31);
            }
        }

        Store(s00, s01, y, end);
        Store(s10, s11, y + yRow, end);
        y += 2 * yRow;
        Store(s20, s21, y, end);
        Store(s30, s31, y + yRow, end);
    }

    /// <summary>
    /// One row at four positions, <paramref name="from"/> and <paramref name="to"/> four offsets
    /// each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row1(
        float* w, float* x, in Reduction steps, float initial, float* y, int* from, int* to,
        in Epilogue end)
    {
        Vector256<float> s00 = Vector256.Create(initial),
            s01 = s00,
            s10 = s00,
            s11 = s00,
            s20 = s00,
            s21 = s00,
            s30 = s00,
            s31 = s00;
        float* x0 = x + from[0],
            x1 = x + from[1],
            x2 = x + from[2],
            x3 = x + from[3];
        Tap* last = steps.Taps + steps.Inner;
        nint offset = 0;
        for (
            int outer = steps.Outer;
            outer > 0;
            outer--, w += steps.WeightStep, offset += steps.ValueStep
        )
        {
            for (Tap* tap = steps.Taps; tap < last; tap++)
            {
                Vector256<float> v = Vector256.Create(w[tap->Weight]);
                nint at = tap->Value + offset, next = at + Vector256<float>.Count;
                s00 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x0 + at), s00);
                s01 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x0 + next), s01);
                s10 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x1 + at), s10);
                s11 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x1 + next), s11);
                s20 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x2 + at), s20);
                s21 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x2 + next), s21);
                s30 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x3 + at), s30);
                s31 = Vector256.FusedMultiplyAdd(v, Vector256.Load(x3 + next), s31);
            }
        }

        // Positions may be the same one: nothing is stored before everything there has been read.
        float* y0 = y + to[0], y1 = y + to[1], y2 = y + to[2], y3 = y + to[3];
        (s00, s01) = (end.Finish(s00, y0), end.Finish(s01, y0 + Vector256<float>.Count));
        (s10, s11) = (end.Finish(s10, y1), end.Finish(s11, y1 + Vector256<float>.Count));
        (s20, s21) = (end.Finish(s20, y2), end.Finish(s21, y2 + Vector256<float>.Count));
        (s30, s31) = (end.Finish(s30, y3), end.Finish(s31, y3 + Vector256<float>.Count));
        Store(s00, s01, y0);
        Store(s10, s11, y1);
        Store(s20, s21, y2);
        Store(s30, s31, y3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector256<float> first, Vector256<float> second, float* to, in Epilogue end) =>
        Store(end.Finish(first, to), end.Finish(second, to + Vector256<float>.Count), to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> first, Vector256<float> second, float* to)
    {
        Vector256.Store(first, to);
        Vector256.Store(second, to + Vector256<float>.Count);
    }
}
