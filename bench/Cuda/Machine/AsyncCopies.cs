using System.Runtime.CompilerServices;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// A thread's copies of 16 bytes from the device's memory to the group's. They come as late as they
/// may, when they are waited for; until then their place holds garbage.
/// </summary>
internal sealed unsafe class AsyncCopies(Lane lane)
{
    private const int Bytes = 16;

    private static readonly Instruction Here =
        new() { Line = 0, Name = "cp.async" };

    private readonly List<(uint To, long From)> _open = [];
    private readonly Queue<(uint To, long From)[]> _groups = [];

    /// <summary>Nothing is under way any more.</summary>
    public void Clear()
    {
        _open.Clear();
        _groups.Clear();
    }

    /// <summary>Queues a copy.</summary>
    /// <exception cref="KernelFault">A place lies outside, or is not aligned.</exception>
    public void Begin(uint to, long from)
    {
        if (to % Bytes != 0 || from % Bytes != 0)
            throw new KernelFault(Here, $"0x{from:x} to {to} is not aligned");
        Unsafe.InitBlock(lane.GroupMemory(Here, to, Bytes), Lane.Garbage, Bytes);
        lane.Global(Here, from, Bytes);
        _open.Add((to, from));
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
            foreach ((uint to, long from) in _groups.Dequeue())
                Unsafe.CopyBlock(
                    lane.GroupMemory(Here, to, Bytes), lane.Global(Here, from, Bytes), Bytes);
    }
}
