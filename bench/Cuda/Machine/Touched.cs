using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QSim.CudaDriver.Machine;

/// <summary>Bytes of an allocation, one behind the other.</summary>
/// <param name="Memory">Where the allocation begins.</param>
/// <param name="First">The first of them in it.</param>
/// <param name="End">Behind the last.</param>
/// <param name="IsWrite">Whether they were written.</param>
internal readonly record struct Stretch(long Memory, long First, long End, bool IsWrite);

/// <summary>
/// Which bytes of an allocation a launch reads and writes: a byte each, so that cores which set
/// them side by side need not wait for each other.
/// </summary>
internal static unsafe class Touched
{
    /// <summary>Room for an allocation's bytes, none of them touched.</summary>
    public static nint Room(long bytes) => (nint)NativeMemory.AllocZeroed((nuint)(2 * bytes) + 1);

    /// <summary>Notes an access.</summary>
    public static void Add(Allocation allocation, long address, int bytes, bool isWrite)
    {
        byte* first = (byte*)allocation.Touched;
        first[2 * allocation.Bytes] = 1;
        long at = address - allocation.Start + (isWrite ? allocation.Bytes : 0);
        Unsafe.InitBlockUnaligned(first + at, 1, (uint)bytes);
    }

    /// <summary>Whether anything of an allocation was touched since it was last asked.</summary>
    public static bool TakeAny(Allocation allocation)
    {
        byte* any = (byte*)allocation.Touched + (2 * allocation.Bytes);
        bool was = *any != 0;
        *any = 0;
        return was;
    }

    /// <summary>
    /// The stretches that were read, or written, from the allocation's first byte on, and forgets
    /// them.
    /// </summary>
    public static List<Stretch> Take(Allocation allocation, bool isWrite)
    {
        byte* first = (byte*)allocation.Touched + (isWrite ? allocation.Bytes : 0);
        List<Stretch> found = [];
        for (long at = 0; at < allocation.Bytes;)
        {
            int part = (int)Math.Min(allocation.Bytes - at, int.MaxValue);
            var rest = new Span<byte>(first + at, part);
            int begin = rest.IndexOf((byte)1);
            if (begin < 0)
            {
                at += part;
                continue;
            }

            int length = rest[begin..].IndexOf((byte)0);
            if (length < 0) length = part - begin;
            rest.Slice(begin, length).Clear();
            found.Add(new(allocation.Start, at + begin, at + begin + length, isWrite));
            at += begin + length;
        }

        return found;
    }
}
