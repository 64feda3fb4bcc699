using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// A block of images side by side: element e of image i lies at <c>e * Count + i</c>, so that a
/// vector holds the same element of neighbouring images. Rows are then never short, windows never
/// unaligned, and images never mix.
/// </summary>
internal static unsafe class ImageLanes
{
    /// <summary>
    /// Images of a block, whatever the vectors' width: sums over images must not depend on it.
    /// </summary>
    public static int Count => Math.Max(16, 2 * Vector<float>.Count);

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
        for (int r = 0; r < evenRows; r += 8)
            for (int c = 0; c < evenColumns; c += 8)
                Transpose8(from + (r * fromRow) + c, fromRow, to + (c * toRow) + r, toRow);
        for (int r = 0; r < rows; r++)
            for (int c = r < evenRows ? evenColumns : 0; c < columns; c++)
                to[(c * toRow) + r] = from[(r * fromRow) + c];
    }

    private static void Transpose8(float* from, nint fromRow, float* to, nint toRow)
    {
        (Vector256<float> a0, Vector256<float> a1, Vector256<float> a2, Vector256<float> a3) =
            Mix4(from, fromRow);
        (Vector256<float> b0, Vector256<float> b1, Vector256<float> b2, Vector256<float> b3) =
            Mix4(from + (4 * fromRow), fromRow);
        Avx.Permute2x128(a0, b0, 0x20).Store(to);
        Avx.Permute2x128(a1, b1, 0x20).Store(to + toRow);
        Avx.Permute2x128(a2, b2, 0x20).Store(to + (2 * toRow));
        Avx.Permute2x128(a3, b3, 0x20).Store(to + (3 * toRow));
        to += 4 * toRow;
        Avx.Permute2x128(a0, b0, 0x31).Store(to);
        Avx.Permute2x128(a1, b1, 0x31).Store(to + toRow);
        Avx.Permute2x128(a2, b2, 0x31).Store(to + (2 * toRow));
        Avx.Permute2x128(a3, b3, 0x31).Store(to + (3 * toRow));
    }

    /// <summary>Transposes the two 4x4 squares of four rows of eight.</summary>
    private static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) Mix4(
        float* from, nint row)
    {
        Vector256<float> r0 = Vector256.Load(from),
            r1 = Vector256.Load(from + row);
        Vector256<float> r2 = Vector256.Load(from + (2 * row)),
            r3 = Vector256.Load(from + (3 * row));
        Vector256<float> low01 = Avx.UnpackLow(r0, r1),
            high01 = Avx.UnpackHigh(r0, r1);
        Vector256<float> low23 = Avx.UnpackLow(r2, r3),
            high23 = Avx.UnpackHigh(r2, r3);
        return (
            Avx.Shuffle(low01, low23, 0x44), Avx.Shuffle(low01, low23, 0xEE),
            Avx.Shuffle(high01, high23, 0x44), Avx.Shuffle(high01, high23, 0xEE));
    }
}
