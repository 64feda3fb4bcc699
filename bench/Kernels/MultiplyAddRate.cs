using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Kernels.Bench;

/// <summary>
/// How many 16-bit multiply-accumulates into 32 bits one core does when nothing but registers is touched: the
/// ceiling that loops over memory are compared with.
/// </summary>
internal static class MultiplyAddRate
{
    private const int Rounds = 1 << 18;

    /// <summary>Multiply-accumulates per second of one thread, the best of several tries.</summary>
    public static double Measure()
    {
        double best = 0;
        for (int attempt = 0; attempt < 200; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            int perRound = Run(attempt);
            best = Math.Max(best, (double)perRound * Rounds / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>What the loop is made of.</summary>
    public static string Instruction =>
        Avx512BW.IsSupported ? "vpmaddwd + vpaddd, 512 bits"
        : Avx2.IsSupported ? "vpmaddwd + vpaddd, 256 bits"
        : "two 32-bit multiplications and additions, 128 bits";

    private static int Sink { get; set; }

    private static int Run(int seed) =>
        Avx512BW.IsSupported ? Run512(seed) : Avx2.IsSupported ? Run256(seed) : Run128(seed);

    private static int Run512(int seed)
    {
        Vector512<short> x = Vector512.Create((short)(seed + 3)), y = Vector512.Create((short)(seed + 5));
        Vector512<int> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int i = 0; i < Rounds; i++)
        {
            a += Avx512BW.MultiplyAddAdjacent(x, a.AsInt16());
            b += Avx512BW.MultiplyAddAdjacent(y, b.AsInt16());
            c += Avx512BW.MultiplyAddAdjacent(x, c.AsInt16());
            d += Avx512BW.MultiplyAddAdjacent(y, d.AsInt16());
            e += Avx512BW.MultiplyAddAdjacent(x, e.AsInt16());
            f += Avx512BW.MultiplyAddAdjacent(y, f.AsInt16());
            g += Avx512BW.MultiplyAddAdjacent(x, g.AsInt16());
            h += Avx512BW.MultiplyAddAdjacent(y, h.AsInt16());
        }

        Sink = (a + b + c + d + e + f + g + h)[0];
        return 8 * Vector512<short>.Count;
    }

    private static int Run256(int seed)
    {
        Vector256<short> x = Vector256.Create((short)(seed + 3)), y = Vector256.Create((short)(seed + 5));
        Vector256<int> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int i = 0; i < Rounds; i++)
        {
            a += Avx2.MultiplyAddAdjacent(x, a.AsInt16());
            b += Avx2.MultiplyAddAdjacent(y, b.AsInt16());
            c += Avx2.MultiplyAddAdjacent(x, c.AsInt16());
            d += Avx2.MultiplyAddAdjacent(y, d.AsInt16());
            e += Avx2.MultiplyAddAdjacent(x, e.AsInt16());
            f += Avx2.MultiplyAddAdjacent(y, f.AsInt16());
            g += Avx2.MultiplyAddAdjacent(x, g.AsInt16());
            h += Avx2.MultiplyAddAdjacent(y, h.AsInt16());
        }

        Sink = (a + b + c + d + e + f + g + h)[0];
        return 8 * Vector256<short>.Count;
    }

    private static int Run128(int seed)
    {
        Vector128<int> x = Vector128.Create(seed + 3);
        Vector128<int> a = default, b = default, c = default, d = default;
        for (int i = 0; i < Rounds; i++)
        {
            a += (x * a) + (x * b);
            b += (x * b) + (x * c);
            c += (x * c) + (x * d);
            d += (x * d) + (x * a);
        }

        Sink = (a + b + c + d)[0];
        return 4 * Vector128<short>.Count;
    }
}
