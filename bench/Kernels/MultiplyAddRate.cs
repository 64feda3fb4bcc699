using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Kernels.Bench;

/// <summary>
/// How many 16-bit multiply-accumulates into 32 bits one core does when nothing but registers is
/// touched: the ceiling that loops over memory are compared with.
/// </summary>
internal static class MultiplyAddRate
{
    private const int Rounds = 1 << 18;

    /// <summary>
    /// Multiply-accumulates per second of one thread: the best of many tries at every width.
    /// </summary>
    public static (double PerSecond, string Instruction) Measure()
    {
        List<(double PerSecond, string Instruction)> rates =
        [(Best(Run128), "32-bit multiplications, 128 bits")];
        if (Avx2.IsSupported)
            rates.Add((Best(Run256), "vpmaddwd + vpaddd, 256 bits"));
        if (Avx512BW.IsSupported)
            rates.Add((Best(Run512), "vpmaddwd + vpaddd, 512 bits"));
        return rates.MaxBy(r => r.PerSecond);
    }

    internal static int Sink { get; set; }

    private static double Best(Func<int, int> run)
    {
        double best = 0;
        for (int attempt = 0; attempt < 150; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            int perRound = run(attempt);
            best = Math.Max(
                best, (double)perRound * Rounds / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static int Run512(int seed)
    {
        Vector512<short> x = Vector512.Create((short)(seed + 3));
        Vector512<int> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector512<int> g = default, h = default, i = default, j = default, k = default, l = default;
        for (int round = 0; round < Rounds; round++)
        {
            a += Avx512BW.MultiplyAddAdjacent(x, a.AsInt16());
            b += Avx512BW.MultiplyAddAdjacent(x, b.AsInt16());
            c += Avx512BW.MultiplyAddAdjacent(x, c.AsInt16());
            d += Avx512BW.MultiplyAddAdjacent(x, d.AsInt16());
            e += Avx512BW.MultiplyAddAdjacent(x, e.AsInt16());
            f += Avx512BW.MultiplyAddAdjacent(x, f.AsInt16());
            g += Avx512BW.MultiplyAddAdjacent(x, g.AsInt16());
            h += Avx512BW.MultiplyAddAdjacent(x, h.AsInt16());
            i += Avx512BW.MultiplyAddAdjacent(x, i.AsInt16());
            j += Avx512BW.MultiplyAddAdjacent(x, j.AsInt16());
            k += Avx512BW.MultiplyAddAdjacent(x, k.AsInt16());
            l += Avx512BW.MultiplyAddAdjacent(x, l.AsInt16());
        }

        Sink = (a + b + c + d + e + f + g + h + i + j + k + l)[0];
        return 12 * Vector512<short>.Count;
    }

    private static int Run256(int seed)
    {
        Vector256<short> x = Vector256.Create((short)(seed + 3));
        Vector256<int> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<int> g = default, h = default, i = default, j = default, k = default, l = default;
        for (int round = 0; round < Rounds; round++)
        {
            a += Avx2.MultiplyAddAdjacent(x, a.AsInt16());
            b += Avx2.MultiplyAddAdjacent(x, b.AsInt16());
            c += Avx2.MultiplyAddAdjacent(x, c.AsInt16());
            d += Avx2.MultiplyAddAdjacent(x, d.AsInt16());
            e += Avx2.MultiplyAddAdjacent(x, e.AsInt16());
            f += Avx2.MultiplyAddAdjacent(x, f.AsInt16());
            g += Avx2.MultiplyAddAdjacent(x, g.AsInt16());
            h += Avx2.MultiplyAddAdjacent(x, h.AsInt16());
            i += Avx2.MultiplyAddAdjacent(x, i.AsInt16());
            j += Avx2.MultiplyAddAdjacent(x, j.AsInt16());
            k += Avx2.MultiplyAddAdjacent(x, k.AsInt16());
            l += Avx2.MultiplyAddAdjacent(x, l.AsInt16());
        }

        Sink = (a + b + c + d + e + f + g + h + i + j + k + l)[0];
        return 12 * Vector256<short>.Count;
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
