using System.Runtime.CompilerServices;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// A thread's copies of 16 bytes from the device's memory to the group's. They come as late as they
/// may, when they are waited for; until then their place holds garbage.
/// </summary>
internal sealed unsafe class AsyncCopies(Lane lane)
{
    private const int Bytes = 16;

    private readonly List<(Instruction At, uint To, long From)> _open = [];
    private readonly Queue<(Instruction At, uint To, long From)[]> _groups = [];

    /// <summary>Nothing is under way any more.</summary>
    public void Clear()
    {
        _open.Clear();
        _groups.Clear();
    }

    /// <summary>Queues a copy.</summary>
    /// <exception cref="KernelFault">A place lies outside, or is not aligned.</exception>
    public void Begin(Instruction at, uint to, long from)
    {
        if (to % Bytes != 0 || from % Bytes != 0)
            throw new KernelFault(at, $"0x{from:x} to {to} is not aligned");
        Unsafe.InitBlock(lane.GroupMemory(at, to, Bytes, isWrite: true), Lane.Garbage, Bytes);
        lane.Global(at, from, Bytes, isWrite: false);
        _open.Add((at, to, from));
    }

    /// <summary>What was queued since the last time belongs together.</summary>
    public void Commit()
    {
        _groups.Enqueue([.. _open]);
        _open.Clear();
    }

    /// <summary>Waits until no more groups of copies are under way than a number.</summary>
    public void Wait(int groups)
    {
        while (_groups.Count > groups)
            foreach ((Instruction at, uint to, long from) in _groups.Dequeue())
                Unsafe.CopyBlock(
                    lane.GroupMemory(at, to, Bytes, isWrite: true),
                    lane.Global(at, from, Bytes, isWrite: false), Bytes);
    }
}
