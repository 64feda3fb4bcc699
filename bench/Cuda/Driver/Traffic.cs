using System.Runtime.InteropServices;

namespace QSim.CudaDriver.Driver;

/// <summary>
/// Bytes that copies moved since the process began, for tests, which find them by a name that no
/// card's driver has: ordinary memory of the host to the device and from it, then pinned memory.
/// </summary>
internal static unsafe class Traffic
{
    private static readonly long[] Bytes = new long[4];

    /// <summary>Counts a copy.</summary>
    public static void Add(bool toDevice, bool isPinned, long bytes) =>
        Interlocked.Add(ref Bytes[(isPinned ? 2 : 0) + (toDevice ? 0 : 1)], bytes);

    [UnmanagedCallersOnly(EntryPoint = "qsimCopiedBytes")]
    public static int Read(long* four)
    {
        Bytes.CopyTo(new Span<long>(four, Bytes.Length));
        return 0;
    }
}
