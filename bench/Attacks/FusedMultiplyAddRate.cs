using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace QSim.Attacks.Bench;

/// <summary>
/// How many float32 fused multiply-adds one core does when nothing but registers is touched.
/// </summary>
internal static class FusedMultiplyAddRate
{
    private const int Rounds = 1 << 18;

    internal static float Sink { get; set; }

    /// <summary>Multiply-adds per second of one thread, the best of many tries.</summary>
    public static double Measure()
    {
        double best = 0;
        for (int attempt = 0; attempt < 200; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            int perRound = Vector512.IsHardwareAccelerated ? Run512(attempt) : Run256(attempt);
            best = Math.Max(
                best, (double)perRound * Rounds / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static int Run512(int seed)
    {
        Vector512<float> x = Vector512.Create(1 / (seed + 2f)), y = Vector512.Create(seed + 1f);
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y;
        for (int round = 0; round < Rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
        }

        Sink = (a + b + c + d + e + f + g + h + i + j)[0];
        return 10 * Vector512<float>.Count;
    }

    private static int Run256(int seed)
    {
        Vector256<float> x = Vector256.Create(1 / (seed + 2f)), y = Vector256.Create(seed + 1f);
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y;
        for (int round = 0; round < Rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
        }

        Sink = (a + b + c + d + e + f + g + h + i + j)[0];
        return 10 * Vector256<float>.Count;
    }
}
