using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Memory;

/// <summary>
/// The one place where a size becomes memory: a block that the machine (or its container) cannot
/// hold is refused, rather than met as a process that the system ends.
/// </summary>
internal static class MemoryLimit
{
    /// <summary>
    /// Gives back the size of a block that may be allocated.
    /// </summary>
    /// <exception cref="SizeException">It is more than there is.</exception>
    public static nint Allow(long bytes, long most = long.MaxValue)
    {
        most = Math.Min(most, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (bytes < 0 || (most > 0 && bytes > most))
            throw new SizeException(
                $"{bytes >> 20} MiB in one block are more than this machine gives "
                    + $"({most >> 20} MiB)");
        return (nint)bytes;
    }
}
