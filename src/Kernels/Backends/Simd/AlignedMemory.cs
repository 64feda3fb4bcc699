using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// Pinned memory that starts on a cache line and may be read, never written, a little past its end:
/// the last vector of a row may reach over it.
/// </summary>
/// <remarks>
/// Needs nothing of its callers but that they ask <see cref="At{T}"/> for what they touch.
/// </remarks>
internal sealed unsafe class AlignedMemory
{
    /// <summary>Bytes past the end that may be read.</summary>
    public const int ReadPast = 2 * Line;

    private const int Line = 64;

    /// <summary>Keeps the memory alive: an array, or pages of their own.</summary>
    private readonly object _owner;

    /// <summary>Zeroed memory.</summary>
    /// <exception cref="Datapath.SizeException">It is more than one block holds.</exception>
    public AlignedMemory(long bytes)
    {
        Length = bytes;
        nint all = MemoryLimit.Allow(bytes + ReadPast + Line, Array.MaxLength);
        if (GuardedPages.AreUsed)
        {
            var pages = new GuardedPages(bytes, ReadPast);
            _owner = pages;
            Start = pages.Start;
            return;
        }

        byte[] array = GC.AllocateArray<byte>((int)all, pinned: true);
        fixed (byte* first = array) Start = first + (Line - ((nint)first % Line));
        _owner = array;
    }

    /// <summary>The first byte; valid while this object is reachable.</summary>
    public byte* Start { get; }

    /// <summary>Bytes that may be written.</summary>
    public long Length { get; }

    /// <summary>Bytes that hold the given number of bytes and end on a cache line.</summary>
    public static long RoundUp(long bytes) => (bytes + Line - 1) / Line * Line;

    /// <summary>Room for so many elements from a byte on.</summary>
    /// <exception cref="InvalidOperationException">There is less.</exception>
    public T* At<T>(long first, long count)
        where T : unmanaged
    {
        Door.Needs(_owner is not null && first >= 0 && count >= 0);
        Door.Needs(count <= (Length - first) / sizeof(T));
        return (T*)(Start + first);
    }
}
