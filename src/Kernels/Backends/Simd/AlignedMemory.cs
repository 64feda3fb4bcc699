namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// Pinned memory that starts on a cache line and may be read a little past its end.
/// </summary>
internal sealed unsafe class AlignedMemory
{
    private const int Line = 64;
    private readonly byte[] _bytes;

    /// <summary>Zeroed memory.</summary>
    public AlignedMemory(long bytes)
    {
        Length = bytes;
        _bytes = GC.AllocateArray<byte>(checked((int)bytes) + (3 * Line), pinned: true);
        fixed (byte* first = _bytes) Start = first + (Line - ((nint)first % Line));
    }

    /// <summary>The first byte; valid while this object is reachable.</summary>
    public byte* Start { get; }

    /// <summary>Bytes that may be written.</summary>
    public long Length { get; }

    /// <summary>Bytes that hold the given number of bytes and end on a cache line.</summary>
    public static long RoundUp(long bytes) => (bytes + Line - 1) / Line * Line;
}
