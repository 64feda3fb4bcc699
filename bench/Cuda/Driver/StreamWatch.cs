using QSim.CudaDriver.Machine;

namespace QSim.CudaDriver.Driver;

/// <summary>
/// Holds what streams do to memory, the device's and the host's that is pinned, against the order
/// that there is between them. What the host itself does to pinned memory nobody sees here. That
/// freeing waits for everything is no order either.
/// </summary>
internal sealed class StreamWatch
{
    private readonly Dictionary<long, Uses> _uses = [];

    /// <summary>What comes before what.</summary>
    public Order Order { get; } = new();

    /// <summary>Work used some bytes.</summary>
    /// <param name="work">Whose.</param>
    /// <param name="memory">Where the piece of memory begins that they lie in.</param>
    /// <param name="first">The first of them in it.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="isWrite">Whether it wrote them.</param>
    /// <exception cref="CudaException">Another stream may use them at the same time.</exception>
    public void Use(Work work, long memory, long first, long end, bool isWrite)
    {
        if (!_uses.TryGetValue(memory, out Uses? uses)) _uses[memory] = uses = new();
        uses.Add(work, first, end, isWrite);
    }

    /// <summary>A launch is done, and used what it touched.</summary>
    /// <exception cref="CudaException">Another stream may use it at the same time.</exception>
    public void Ran(Work work, Stretch[] touched)
    {
        foreach (Stretch s in touched) Use(work, s.Memory, s.First, s.End, s.IsWrite);
    }

    /// <summary>A piece of memory is no more.</summary>
    public void Forget(long memory) => _uses.Remove(memory);
}
