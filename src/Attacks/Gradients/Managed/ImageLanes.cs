using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// A block of images side by side: element e of image i lies at <c>e * Count + i</c>, so that a
/// vector holds the same element of neighbouring images. Rows are then never short, windows never
/// unaligned, and images never mix.
/// </summary>
/// <remarks>
/// Needs count images of length values on one side and a whole block on the other: Pass owns
/// both.
/// </remarks>
internal static unsafe class ImageLanes
{
    /// <summary>
    /// Images of a block: two vectors. Sums over images go block by block, so this is no matter of
    /// the processor: vectors are of eight values, and multiply-adds fused, on every one, slow as
    /// that may be where it has neither. The same network is trained everywhere.
    /// </summary>
    public const int Count = 16;

    /// <summary>Puts images side by side; lanes without an image become 0.</summary>
    public static void Gather(float* images, int count, int length, float* lanes)
    {
        if (count < Count) new Span<float>(lanes, length * Count).Clear();
        Transpose(images, length, lanes, Count, count, length);
    }

    /// <summary>The inverse of <see cref="Gather"/>.</summary>
    public static void Scatter(float* lanes, int count, int length, float* images) =>
        Transpose(lanes, Count, images, length, length, count);

    /// <summary><c>to[c * toRow + r] = from[r * fromRow + c]</c>.</summary>
    public static void Transpose(
        float* from, nint fromRow, float* to, nint toRow, int rows, int columns)
    {
        int evenRows = Avx.IsSupported ? rows & ~7 : 0,
            evenColumns = Avx.IsSupported ? columns & ~7 : 0;

        // Along the long side, so that the lines of the other matrix are done with at once.
        bool isWide = columns > rows;
        for (int i = 0; i < (isWide ? evenColumns : evenRows); i += 8)
            for (int j = 0; j < (isWide ? evenRows : evenColumns); j += 8)
            {
                (int r, int c) = isWide ? (j, i) : (i, j);
                Transpose8(from + (r * fromRow) + c, fromRow, to + (c * toRow) + r, toRow);
            }

        for (int r = 0; r < rows; r++)
            for (int c = r < evenRows ? evenColumns : 0; c < columns; c++)
                to[(c * toRow) + r] = from[(r * fromRow) + c];
    }

    private static void Transpose8(float* from, nint fromRow, float* to, nint toRow)
    {
        Transpose8x4(from, fromRow, to, toRow);
        Transpose8x4(from + 4, fromRow, to + (4 * toRow), toRow);
    }

    /// <summary>
    /// Eight rows of four: a vector holds four of a row, and of the fourth row on.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8x4(float* from, nint fromRow, float* to, nint toRow)
    {
        float* next = from + (4 * fromRow);
        Vector256<float> r0 = Pair(from, next), r1 = Pair(from + fromRow, next + fromRow);
        from += 2 * fromRow;
        next += 2 * fromRow;
        Vector256<float> r2 = Pair(from, next), r3 = Pair(from + fromRow, next + fromRow);
        Vector256<float> low01 = Avx.UnpackLow(r0, r1), high01 = Avx.UnpackHigh(r0, r1);
        Vector256<float> low23 = Avx.UnpackLow(r2, r3), high23 = Avx.UnpackHigh(r2, r3);
        Avx.Shuffle(low01, low23, 0x44).Store(to);
        Avx.Shuffle(low01, low23, 0xEE).Store(to + toRow);
        to += 2 * toRow;
        Avx.Shuffle(high01, high23, 0x44).Store(to);
        Avx.Shuffle(high01, high23, 0xEE).Store(to + toRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(float* low, float* high) =>
        Vector256.Create(Vector128.Load(low), Vector128.Load(high));
}
