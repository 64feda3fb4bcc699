using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Planes of a convolution's output gradient and input that a tile multiplies, and how it walks
/// them.
/// </summary>
/// <remarks>Needs planes as long as rows and columns say: the kernel's shapes.</remarks>
internal readonly unsafe struct PlanePair(
    int rows, int columns, nint outputPlane, nint inputColumn, nint inputRow)
{
    public readonly int Rows = rows;
    public readonly int Columns = columns;

    /// <summary>From one output channel to the next.</summary>
    public readonly nint OutputPlane = outputPlane;

    /// <summary>In the input, from an output column to the next.</summary>
    public readonly nint InputColumn = inputColumn;

    /// <summary>In the input, from an output row to the next.</summary>
    public readonly nint InputRow = inputRow;
}

/// <summary>
/// Sums over positions and images: each image's own sum first, position by position, then image by
/// image.
/// </summary>
internal static unsafe class LaneSums
{
    /// <summary>Output channels of a tile.</summary>
    public const int Channels = 4;

    /// <summary>Taps of a tile.</summary>
    public const int Taps = 3;

    /// <summary>The sum of a plane.</summary>
    public static float Sum(float* plane, int positions)
    {
        float* lanes = stackalloc float[ImageLanes.Count];
        for (int lane = 0; lane < ImageLanes.Count; lane += Vector256<float>.Count)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            float* at = plane + lane;
            for (int p = 0; p < positions; p++, at += ImageLanes.Count) sum += Vector256.Load(at);
            Vector256.Store(sum, lanes + lane);
        }

        return Total(lanes);
    }

    /// <summary>The sum of two planes' products.</summary>
    public static float Dot(float* a, float* b, int positions)
    {
        float* lanes = stackalloc float[ImageLanes.Count];
        for (int lane = 0; lane < ImageLanes.Count; lane++)
        {
            lanes[lane] = 0;
            for (int p = lane; p < positions * ImageLanes.Count; p += ImageLanes.Count)
                lanes[lane] += a[p] * b[p];
        }

        return Total(lanes);
    }

    /// <summary>
    /// <c>sums[m * Taps + t]</c> = sum over images and positions of gradient[m] * input[t], the
    /// taps at <paramref name="x0"/>, <paramref name="x1"/> and <paramref name="x2"/>.
    /// </summary>
    public static void Tile(
        float* gradient, float* x0, float* x1, float* x2, in PlanePair planes, float* sums)
    {
        float* lanes = stackalloc float[Channels * Taps * ImageLanes.Count];
        for (int lane = 0; lane < ImageLanes.Count; lane += Vector256<float>.Count)
            Lanes(gradient + lane, x0 + lane, x1 + lane, x2 + lane, planes, lanes + lane);
        for (int i = 0; i < Channels * Taps; i++) sums[i] = Total(lanes + (i * ImageLanes.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lanes(
        float* d, float* x0, float* x1, float* x2, in PlanePair planes, float* lanes)
    {
        // Four channels by three taps are twelve sums: with three inputs and a gradient, all 16
        // registers of AVX2.
        Vector256<float> s00 = Vector256<float>.Zero,
            s01 = s00,
            s02 = s00,
            s10 = s00,
            s11 = s00,
            s12 = s00;
        Vector256<float> s20 = s00,
            s21 = s00,
            s22 = s00,
            s30 = s00,
            s31 = s00,
            s32 = s00;
        nint next = planes.OutputPlane,
            step = planes.InputColumn;
        for (int r = 0; r < planes.Rows; r++)
        {
            nint at = r * planes.InputRow;
            for (int c = 0; c < planes.Columns; c++, at += step, d += ImageLanes.Count)
            {
                Vector256<float> a = Vector256.Load(x0 + at),
                    b = Vector256.Load(x1 + at),
                    e = Vector256.Load(x2 + at);
                Vector256<float> g = Vector256.Load(d);
                s00 = Vector256.FusedMultiplyAdd(g, a, s00);
                s01 = Vector256.FusedMultiplyAdd(g, b, s01);
                s02 = Vector256.FusedMultiplyAdd(g, e, s02);
                g = Vector256.Load(d + next);
                s10 = Vector256.FusedMultiplyAdd(g, a, s10);
                s11 = Vector256.FusedMultiplyAdd(g, b, s11);
                s12 = Vector256.FusedMultiplyAdd(g, e, s12);
                g = Vector256.Load(d + (2 * next));
                s20 = Vector256.FusedMultiplyAdd(g, a, s20);
                s21 = Vector256.FusedMultiplyAdd(g, b, s21);
                s22 = Vector256.FusedMultiplyAdd(g, e, s22);
                g = Vector256.Load(d + (3 * next));
                s30 = Vector256.FusedMultiplyAdd(g, a, s30);
                s31 = Vector256.FusedMultiplyAdd(g, b, s31);
                s32 = Vector256.FusedMultiplyAdd(g, e, s32);
            }
        }

        int row = ImageLanes.Count;
        Vector256.Store(s00, lanes);
        Vector256.Store(s01, lanes + row);
        Vector256.Store(s02, lanes + (2 * row));
        Vector256.Store(s10, lanes + (3 * row));
        Vector256.Store(s11, lanes + (4 * row));
        Vector256.Store(s12, lanes + (5 * row));
        Vector256.Store(s20, lanes + (6 * row));
        Vector256.Store(s21, lanes + (7 * row));
        Vector256.Store(s22, lanes + (8 * row));
        Vector256.Store(s30, lanes + (9 * row));
        Vector256.Store(s31, lanes + (10 * row));
        Vector256.Store(s32, lanes + (11 * row));
    }

    private static float Total(float* lanes)
    {
        float sum = 0;
        for (int i = 0; i < ImageLanes.Count; i++) sum += lanes[i];
        return sum;
    }
}
