using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// Copies between a view and as much of a page-locked array, queued. ILGPU's own move the whole
/// array, however short the view.
/// </summary>
internal static class PinnedCopies
{
    /// <summary>Fills a view with an array's beginning.</summary>
    public static void CopyFromPinned<T>(
        this ArrayView<T> to, AcceleratorStream stream, PageLockedArray1D<T> from)
        where T : unmanaged
    {
        if (to.Length > 0)
            to.CopyFromCPUUnsafeAsync(stream, ref First(from, to.Length), to.Length);
    }

    /// <summary>Fills an array's beginning with a view.</summary>
    public static void CopyToPinned<T>(
        this ArrayView<T> from, AcceleratorStream stream, PageLockedArray1D<T> to)
        where T : unmanaged
    {
        if (from.Length > 0)
            from.CopyToCPUUnsafeAsync(stream, ref First(to, from.Length), from.Length);
    }

    private static ref T First<T>(PageLockedArray1D<T> array, long length)
        where T : unmanaged => ref MemoryMarshal.GetReference(array.Span[..(int)length]);
}
