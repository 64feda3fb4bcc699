using System.Runtime.InteropServices;
using QSim.Kernels.Backends.Memory;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Zeroed float32 memory that the garbage collector does not move, aligned to a cache line.
/// </summary>
/// <remarks>Needs nothing: what it gives out is as long as Length says.</remarks>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;

    private readonly GuardedPages? _guarded;

    /// <exception cref="Kernels.Datapath.SizeException">It is more than there is.</exception>
    public NativeBuffer(long length)
    {
        Length = length;
        nuint bytes = (nuint)MemoryLimit.Allow(checked(Math.Max(length, 1) * sizeof(float)));
        if (GuardedPages.AreUsed)
        {
            _guarded = new((long)bytes, past: 0);
            Pointer = (float*)_guarded.Start;
            return;
        }

        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(Pointer, bytes);
    }

    ~NativeBuffer() => Free();

    public long Length { get; }

    /// <summary>Room for so many values from one on.</summary>
    /// <exception cref="InvalidOperationException">There is less.</exception>
    public float* At(long first, long count)
    {
        Door.Needs(Pointer is not null && first >= 0 && count >= 0 && count <= Length - first);
        return Pointer + first;
    }

    public float* Pointer { get; private set; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_guarded is not null) _guarded.Dispose();
        else NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
