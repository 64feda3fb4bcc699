using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Float32 matrix product, <c>C[m][n] += sum over k of A[m][k] * B[k][n]</c>. Every element of C is one chain of
/// multiply-adds with k ascending, whatever the tile it falls in: its bits depend on nothing but its own row
/// of A and column of B, hence not on batch size, thread count or vector width.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Columns of a panel of B: two vectors.</summary>
    public static readonly int Width = 2 * Vector<float>.Count;

    /// <summary>Floats that a packed B takes: panels of <see cref="Width"/> columns, the last one padded.</summary>
    public static int PackedLength(int depth, int columns) =>
        (columns + Width - 1) / Width * Width * depth;

    /// <summary>Adds A * B to C.</summary>
    /// <param name="a">Element (m, k) is at m * aRow + k * aStep.</param>
    /// <param name="aRow">Distance between rows of A.</param>
    /// <param name="aStep">Distance between columns of A.</param>
    /// <param name="b">Panels as <see cref="Panels"/> packs them.</param>
    /// <param name="c">Element (m, n) is at m * cRow + n.</param>
    /// <param name="cRow">Distance between rows of C.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="depth">Columns of A and rows of B.</param>
    public static void MultiplyAdd(
        float* a, nint aRow, nint aStep, float* b, float* c, nint cRow, int rows, int columns, int depth)
    {
        float* tile = stackalloc float[6 * Width];
        for (int n = 0; n < columns; n += Width, b += (nint)depth * Width)
        {
            int width = Math.Min(Width, columns - n);
            if (width == Width)
            {
                Panel(a, aRow, aStep, b, c + n, cRow, rows, depth);
                continue;
            }

            for (int m = 0; m < rows; m += 6)
            {
                int height = Math.Min(6, rows - m);
                Copy(c + (m * cRow) + n, cRow, tile, Width, height, width);
                Panel(a + (m * aRow), aRow, aStep, b, tile, Width, height, depth);
                Copy(tile, Width, c + (m * cRow) + n, cRow, height, width);
            }
        }
    }

    private static void Panel(
        float* a, nint aRow, nint aStep, float* b, float* c, nint cRow, int rows, int depth)
    {
        int m = 0;
        bool sixes = rows % 4 != 0 || rows % 6 == 0;
        for (; sixes && m + 6 <= rows; m += 6)
            Tile6(a + (m * aRow), aRow, aStep, b, c + (m * cRow), cRow, depth);
        for (; m + 4 <= rows; m += 4)
            Tile4(a + (m * aRow), aRow, aStep, b, c + (m * cRow), cRow, depth);
        for (; m < rows; m++)
            Tile1(a + (m * aRow), aStep, b, c + (m * cRow), depth);
    }

    private static void Copy(float* from, nint fromRow, float* to, nint toRow, int rows, int columns)
    {
        for (int m = 0; m < rows; m++)
            for (int n = 0; n < columns; n++)
                to[(m * toRow) + n] = from[(m * fromRow) + n];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6(
        float* a, nint aRow, nint aStep, float* b, float* c, nint cRow, int depth)
    {
        int lanes = Vector<float>.Count;
        float* c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow, c4 = c3 + cRow, c5 = c4 + cRow;
        Vector<float> s00 = Vector.Load(c), s01 = Vector.Load(c + lanes);
        Vector<float> s10 = Vector.Load(c1), s11 = Vector.Load(c1 + lanes);
        Vector<float> s20 = Vector.Load(c2), s21 = Vector.Load(c2 + lanes);
        Vector<float> s30 = Vector.Load(c3), s31 = Vector.Load(c3 + lanes);
        Vector<float> s40 = Vector.Load(c4), s41 = Vector.Load(c4 + lanes);
        Vector<float> s50 = Vector.Load(c5), s51 = Vector.Load(c5 + lanes);
        float* a3 = a + (3 * aRow);
        for (int k = 0; k < depth; k++, a += aStep, a3 += aStep, b += 2 * lanes)
        {
            Vector<float> b0 = Vector.Load(b), b1 = Vector.Load(b + lanes), x;
            x = Vector.Create(a[0]);
            s00 = Vector.MultiplyAddEstimate(x, b0, s00);
            s01 = Vector.MultiplyAddEstimate(x, b1, s01);
            x = Vector.Create(a[aRow]);
            s10 = Vector.MultiplyAddEstimate(x, b0, s10);
            s11 = Vector.MultiplyAddEstimate(x, b1, s11);
            x = Vector.Create(a[2 * aRow]);
            s20 = Vector.MultiplyAddEstimate(x, b0, s20);
            s21 = Vector.MultiplyAddEstimate(x, b1, s21);
            x = Vector.Create(a3[0]);
            s30 = Vector.MultiplyAddEstimate(x, b0, s30);
            s31 = Vector.MultiplyAddEstimate(x, b1, s31);
            x = Vector.Create(a3[aRow]);
            s40 = Vector.MultiplyAddEstimate(x, b0, s40);
            s41 = Vector.MultiplyAddEstimate(x, b1, s41);
            x = Vector.Create(a3[2 * aRow]);
            s50 = Vector.MultiplyAddEstimate(x, b0, s50);
            s51 = Vector.MultiplyAddEstimate(x, b1, s51);
        }

        Vector.Store(s00, c);
        Vector.Store(s01, c + lanes);
        Vector.Store(s10, c1);
        Vector.Store(s11, c1 + lanes);
        Vector.Store(s20, c2);
        Vector.Store(s21, c2 + lanes);
        Vector.Store(s30, c3);
        Vector.Store(s31, c3 + lanes);
        Vector.Store(s40, c4);
        Vector.Store(s41, c4 + lanes);
        Vector.Store(s50, c5);
        Vector.Store(s51, c5 + lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4(
        float* a, nint aRow, nint aStep, float* b, float* c, nint cRow, int depth)
    {
        int lanes = Vector<float>.Count;
        float* c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        Vector<float> s00 = Vector.Load(c), s01 = Vector.Load(c + lanes);
        Vector<float> s10 = Vector.Load(c1), s11 = Vector.Load(c1 + lanes);
        Vector<float> s20 = Vector.Load(c2), s21 = Vector.Load(c2 + lanes);
        Vector<float> s30 = Vector.Load(c3), s31 = Vector.Load(c3 + lanes);
        float* a2 = a + (2 * aRow);
        for (int k = 0; k < depth; k++, a += aStep, a2 += aStep, b += 2 * lanes)
        {
            Vector<float> b0 = Vector.Load(b), b1 = Vector.Load(b + lanes), x;
            x = Vector.Create(a[0]);
            s00 = Vector.MultiplyAddEstimate(x, b0, s00);
            s01 = Vector.MultiplyAddEstimate(x, b1, s01);
            x = Vector.Create(a[aRow]);
            s10 = Vector.MultiplyAddEstimate(x, b0, s10);
            s11 = Vector.MultiplyAddEstimate(x, b1, s11);
            x = Vector.Create(a2[0]);
            s20 = Vector.MultiplyAddEstimate(x, b0, s20);
            s21 = Vector.MultiplyAddEstimate(x, b1, s21);
            x = Vector.Create(a2[aRow]);
            s30 = Vector.MultiplyAddEstimate(x, b0, s30);
            s31 = Vector.MultiplyAddEstimate(x, b1, s31);
        }

        Vector.Store(s00, c);
        Vector.Store(s01, c + lanes);
        Vector.Store(s10, c1);
        Vector.Store(s11, c1 + lanes);
        Vector.Store(s20, c2);
        Vector.Store(s21, c2 + lanes);
        Vector.Store(s30, c3);
        Vector.Store(s31, c3 + lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1(float* a, nint aStep, float* b, float* c, int depth)
    {
        int lanes = Vector<float>.Count;
        Vector<float> s0 = Vector.Load(c), s1 = Vector.Load(c + lanes);
        for (int k = 0; k < depth; k++, a += aStep, b += 2 * lanes)
        {
            Vector<float> x = Vector.Create(a[0]);
            s0 = Vector.MultiplyAddEstimate(x, Vector.Load(b), s0);
            s1 = Vector.MultiplyAddEstimate(x, Vector.Load(b + lanes), s1);
        }

        Vector.Store(s0, c);
        Vector.Store(s1, c + lanes);
    }
}
