namespace QSim.CudaDriver.Machine;

/// <summary>
/// Who read and wrote each byte of a group's memory since the last barrier. Threads that run one
/// after the other hide half of all missing barriers: those whose order happens to be right.
/// </summary>
internal sealed class SharedAccesses(int bytes)
{
    private const int Many = -1;

    private readonly (int Phase, int Thread)[] _writers = new (int, int)[bytes];
    private readonly (int Phase, int Thread)[] _readers = new (int, int)[bytes];
    private int _phase = 1;

    /// <summary>How many barriers there were.</summary>
    public int Phase => _phase;

    /// <summary>Everybody is past a barrier, or at the beginning.</summary>
    public void Next() => _phase++;

    /// <summary>Notes an access.</summary>
    /// <exception cref="KernelFault">Another thread wrote there since the last barrier, or reads
    /// what this one writes.</exception>
    public void Add(Instruction i, int first, int count, int thread, bool isWrite)
    {
        for (int at = first; at < first + count; at++)
        {
            if (IsOther(_writers[at], thread)) throw Race(i, at, "wrote", _writers[at].Thread);
            if (isWrite)
            {
                if (IsOther(_readers[at], thread)) throw Race(i, at, "read", _readers[at].Thread);
                _writers[at] = (_phase, thread);
            }
            else
                _readers[at] = (_phase, IsOther(_readers[at], thread) ? Many : thread);
        }
    }

    private bool IsOther((int Phase, int Thread) user, int thread) =>
        user.Phase == _phase && user.Thread != thread;

    private static KernelFault Race(Instruction i, int at, string did, int thread) => new(
        i, $"{(thread == Many ? "several threads" : $"thread {thread}")} {did} shared byte {at}, "
            + "and no barrier came since");
}
