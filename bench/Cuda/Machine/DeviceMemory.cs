using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QSim.CudaDriver.Machine;

/// <summary>A piece of memory.</summary>
/// <param name="Start">Its address.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Users">Who used each byte, two of them; 0 where nobody watches.</param>
/// <param name="Touched">What the launch under way touched; 0 where nobody watches.</param>
internal readonly record struct Allocation(
    long Start, long Bytes, nint Users = 0, nint Touched = 0)
{
    /// <summary>Whether all of that lies inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(long address, long bytes) =>
        address >= Start && address - Start <= Bytes - bytes;
}

/// <summary>What was allocated and not freed, found by address.</summary>
/// <param name="total">Bytes of all of it.</param>
/// <param name="fresh">What new memory is full of.</param>
/// <param name="isWatched">Whether it is noted who uses what.</param>
/// <param name="notesTouched">Whether it is noted what each launch touches.</param>
internal sealed unsafe class DeviceMemory(
    long total, byte fresh, bool isWatched, bool notesTouched)
{
    /// <summary>As CUDA aligns.</summary>
    private const int Alignment = 256;

    private readonly SortedList<long, Allocation> _allocations = [];
    private readonly Dictionary<long, nint> _blocks = [];

    /// <summary>Whether it is noted who uses what: by one core, lest that is missed.</summary>
    public bool IsWatched => isWatched;

    /// <summary>Bytes of all of it.</summary>
    public long Total => total;

    /// <summary>Bytes that nobody has.</summary>
    public long Free => total - _allocations.Values.Sum(a => a.Bytes);

    /// <summary>Fresh memory, or null where there is no room.</summary>
    public Allocation? Allocate(long bytes)
    {
        if (bytes > Free) return null;
        nint block = (nint)NativeMemory.AllocZeroed((nuint)bytes + (2 * Alignment));
        long start = (block + Alignment - 1) & -Alignment;
        if (fresh != 0) NativeMemory.Fill((void*)start, (nuint)bytes, fresh);
        void* users = isWatched
            ? NativeMemory.AllocZeroed((nuint)bytes * GlobalAccesses.Each, (nuint)sizeof(User))
            : null;
        var allocation = new Allocation(
            start, bytes, (nint)users, notesTouched ? Touched.Room(bytes) : 0);
        _allocations.Add(start, allocation);
        _blocks.Add(start, block);
        return allocation;
    }

    /// <summary>Whether there was such memory.</summary>
    public bool Release(long start)
    {
        if (!_allocations.Remove(start, out Allocation allocation)) return false;
        NativeMemory.Free((void*)allocation.Users);
        NativeMemory.Free((void*)allocation.Touched);
        _blocks.Remove(start, out nint block);
        NativeMemory.Free((void*)block);
        return true;
    }

    /// <summary>What was touched since the last time this was asked.</summary>
    public Stretch[] TakeTouched() =>
    [
        .. _allocations.Values.Where(a => a.Touched != 0 && Touched.TakeAny(a))
            .SelectMany(a => new[] { false, true }.SelectMany(w => Touched.Take(a, w))),
    ];

    /// <summary>Who has all of that, or null.</summary>
    public Allocation? Find(long address, long bytes)
    {
        IList<long> starts = _allocations.Keys;
        int low = 0, high = starts.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (starts[middle] <= address) low = middle + 1;
            else high = middle;
        }

        return low > 0 && _allocations.Values[low - 1] is var found && found.Has(address, bytes)
            ? found
            : null;
    }
}
