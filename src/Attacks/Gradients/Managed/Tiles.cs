using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Where step k of a reduction finds its values, counted from a column's own place.</summary>
internal interface ITapSource
{
    nint Offset(int step);
}

/// <summary>A packed panel: a row of <see cref="Gemm.Width"/> values per step.</summary>
internal readonly struct PanelSource : ITapSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(int step) => (nint)step * Gemm.Width;
}

/// <summary>An image: a table says how far each tap of a window is from its corner.</summary>
internal readonly unsafe struct WindowSource(nint* taps) : ITapSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(int step) => taps[step];
}

/// <summary>
/// The inner loops: <c>sums[m][v] += sum over k of a[m * aRow + k * aStep] * b_v[offset(k)]</c>, for so many rows m and two
/// vectors v, each sum one chain of multiply-adds in order of k.
/// </summary>
internal static unsafe class Tiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6<TSource>(
        float* a, nint aRow, nint aStep, float* b0, float* b1, TSource source, int depth, Vector<float>* sums)
        where TSource : struct, ITapSource
    {
        Vector<float> s00 = sums[0], s01 = sums[1];
        Vector<float> s10 = sums[2], s11 = sums[3];
        Vector<float> s20 = sums[4], s21 = sums[5];
        Vector<float> s30 = sums[6], s31 = sums[7];
        Vector<float> s40 = sums[8], s41 = sums[9];
        Vector<float> s50 = sums[10], s51 = sums[11];
        float* a3 = a + (3 * aRow);
        for (int k = 0; k < depth; k++, a += aStep, a3 += aStep)
        {
            nint offset = source.Offset(k);
            Vector<float> x0 = Vector.Load(b0 + offset), x1 = Vector.Load(b1 + offset), w;
            w = Vector.Create(a[0]);
            s00 = Vector.MultiplyAddEstimate(w, x0, s00);
            s01 = Vector.MultiplyAddEstimate(w, x1, s01);
            w = Vector.Create(a[aRow]);
            s10 = Vector.MultiplyAddEstimate(w, x0, s10);
            s11 = Vector.MultiplyAddEstimate(w, x1, s11);
            w = Vector.Create(a[2 * aRow]);
            s20 = Vector.MultiplyAddEstimate(w, x0, s20);
            s21 = Vector.MultiplyAddEstimate(w, x1, s21);
            w = Vector.Create(a3[0]);
            s30 = Vector.MultiplyAddEstimate(w, x0, s30);
            s31 = Vector.MultiplyAddEstimate(w, x1, s31);
            w = Vector.Create(a3[aRow]);
            s40 = Vector.MultiplyAddEstimate(w, x0, s40);
            s41 = Vector.MultiplyAddEstimate(w, x1, s41);
            w = Vector.Create(a3[2 * aRow]);
            s50 = Vector.MultiplyAddEstimate(w, x0, s50);
            s51 = Vector.MultiplyAddEstimate(w, x1, s51);
        }

        (sums[0], sums[1]) = (s00, s01);
        (sums[2], sums[3]) = (s10, s11);
        (sums[4], sums[5]) = (s20, s21);
        (sums[6], sums[7]) = (s30, s31);
        (sums[8], sums[9]) = (s40, s41);
        (sums[10], sums[11]) = (s50, s51);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4<TSource>(
        float* a, nint aRow, nint aStep, float* b0, float* b1, TSource source, int depth, Vector<float>* sums)
        where TSource : struct, ITapSource
    {
        Vector<float> s00 = sums[0], s01 = sums[1];
        Vector<float> s10 = sums[2], s11 = sums[3];
        Vector<float> s20 = sums[4], s21 = sums[5];
        Vector<float> s30 = sums[6], s31 = sums[7];
        float* a2 = a + (2 * aRow);
        for (int k = 0; k < depth; k++, a += aStep, a2 += aStep)
        {
            nint offset = source.Offset(k);
            Vector<float> x0 = Vector.Load(b0 + offset), x1 = Vector.Load(b1 + offset), w;
            w = Vector.Create(a[0]);
            s00 = Vector.MultiplyAddEstimate(w, x0, s00);
            s01 = Vector.MultiplyAddEstimate(w, x1, s01);
            w = Vector.Create(a[aRow]);
            s10 = Vector.MultiplyAddEstimate(w, x0, s10);
            s11 = Vector.MultiplyAddEstimate(w, x1, s11);
            w = Vector.Create(a2[0]);
            s20 = Vector.MultiplyAddEstimate(w, x0, s20);
            s21 = Vector.MultiplyAddEstimate(w, x1, s21);
            w = Vector.Create(a2[aRow]);
            s30 = Vector.MultiplyAddEstimate(w, x0, s30);
            s31 = Vector.MultiplyAddEstimate(w, x1, s31);
        }

        (sums[0], sums[1]) = (s00, s01);
        (sums[2], sums[3]) = (s10, s11);
        (sums[4], sums[5]) = (s20, s21);
        (sums[6], sums[7]) = (s30, s31);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1<TSource>(
        float* a, nint aStep, float* b0, float* b1, TSource source, int depth, Vector<float>* sums)
        where TSource : struct, ITapSource
    {
        Vector<float> s0 = sums[0], s1 = sums[1];
        for (int k = 0; k < depth; k++, a += aStep)
        {
            nint offset = source.Offset(k);
            Vector<float> w = Vector.Create(a[0]);
            s0 = Vector.MultiplyAddEstimate(w, Vector.Load(b0 + offset), s0);
            s1 = Vector.MultiplyAddEstimate(w, Vector.Load(b1 + offset), s1);
        }

        (sums[0], sums[1]) = (s0, s1);
    }

    /// <summary>One row of A and eight vectors of B, for convolutions with fewer than four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row8<TSource>(
        float* a, float* b, nint* starts, TSource source, int depth, Vector<float>* sums)
        where TSource : struct, ITapSource
    {
        float* b0 = b + starts[0];
        float* b1 = b + starts[1];
        float* b2 = b + starts[2];
        float* b3 = b + starts[3];
        float* b4 = b + starts[4];
        float* b5 = b + starts[5];
        float* b6 = b + starts[6];
        float* b7 = b + starts[7];
        Vector<float> s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
        Vector<float> s4 = sums[4], s5 = sums[5], s6 = sums[6], s7 = sums[7];
        for (int k = 0; k < depth; k++)
        {
            nint offset = source.Offset(k);
            Vector<float> w = Vector.Create(a[k]);
            s0 = Vector.MultiplyAddEstimate(w, Vector.Load(b0 + offset), s0);
            s1 = Vector.MultiplyAddEstimate(w, Vector.Load(b1 + offset), s1);
            s2 = Vector.MultiplyAddEstimate(w, Vector.Load(b2 + offset), s2);
            s3 = Vector.MultiplyAddEstimate(w, Vector.Load(b3 + offset), s3);
            s4 = Vector.MultiplyAddEstimate(w, Vector.Load(b4 + offset), s4);
            s5 = Vector.MultiplyAddEstimate(w, Vector.Load(b5 + offset), s5);
            s6 = Vector.MultiplyAddEstimate(w, Vector.Load(b6 + offset), s6);
            s7 = Vector.MultiplyAddEstimate(w, Vector.Load(b7 + offset), s7);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (s0, s1, s2, s3);
        (sums[4], sums[5], sums[6], sums[7]) = (s4, s5, s6, s7);
    }
}
