using System.Runtime.InteropServices;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// Bytes that went between the host and the CUDA device, which bench/Cuda counts. Whoever asks runs
/// alone: it counts for the whole process.
/// </summary>
/// <param name="ToDevice">From ordinary memory.</param>
/// <param name="FromDevice">To ordinary memory.</param>
/// <param name="PinnedToDevice">From memory that the device reads by itself.</param>
/// <param name="PinnedFromDevice">To such memory.</param>
internal sealed record CopiedBytes(
    long ToDevice, long FromDevice, long PinnedToDevice, long PinnedFromDevice)
{
    /// <summary>What some work copies.</summary>
    public static CopiedBytes Of(Action work)
    {
        long[] before = Read();
        work();
        long[] now = Read();
        return new(now[0] - before[0], now[1] - before[1], now[2] - before[2], now[3] - before[3]);
    }

    private static long[] Read()
    {
        long[] four = new long[4];
        try
        {
            Count(four);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Skip.If(true, "the driver of a card does not count copies; bench/Cuda does");
        }

        return four;
    }

    [DllImport("libcuda.so", EntryPoint = "qsimCopiedBytes")]
    private static extern int Count([Out] long[] four);
}
