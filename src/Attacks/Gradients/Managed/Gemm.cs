using System.Numerics;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Float32 matrix product, <c>C[m][n] += sum over k of A[m][k] * B[k][n]</c>. Every element of C is one chain of
/// multiply-adds with k ascending, whatever the tile it falls in: its bits depend on nothing but its own row
/// of A and column of B, hence not on batch size, thread count or vector width.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Columns of a panel of B: two vectors.</summary>
    public static int Width => 2 * Vector<float>.Count;

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
        Vector<float>* sums = stackalloc Vector<float>[12];
        PanelSource source = default;
        float* b1 = b + Vector<float>.Count;
        bool sixes = rows % 4 != 0 || rows % 6 == 0;
        for (int m = 0; m < rows;)
        {
            int height = sixes && rows - m >= 6 ? 6 : rows - m >= 4 ? 4 : 1;
            float* at = c + (m * cRow), from = a + (m * aRow);
            for (int i = 0; i < height; i++)
                (sums[2 * i], sums[(2 * i) + 1]) =
                    (Vector.Load(at + (i * cRow)), Vector.Load(at + (i * cRow) + Vector<float>.Count));
            if (height == 6) Tiles.Tile6(from, aRow, aStep, b, b1, source, depth, sums);
            else if (height == 4) Tiles.Tile4(from, aRow, aStep, b, b1, source, depth, sums);
            else Tiles.Tile1(from, aStep, b, b1, source, depth, sums);
            for (int i = 0; i < height; i++)
            {
                Vector.Store(sums[2 * i], at + (i * cRow));
                Vector.Store(sums[(2 * i) + 1], at + (i * cRow) + Vector<float>.Count);
            }

            m += height;
        }
    }

    private static void Copy(float* from, nint fromRow, float* to, nint toRow, int rows, int columns)
    {
        for (int m = 0; m < rows; m++)
            for (int n = 0; n < columns; n++)
                to[(m * toRow) + n] = from[(m * fromRow) + n];
    }
}
