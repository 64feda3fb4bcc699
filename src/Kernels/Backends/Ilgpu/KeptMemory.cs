using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Who keeps memory on a device for a next call.</summary>
internal interface IKeepsMemory
{
    /// <summary>
    /// Frees it; a next call takes what it needs again. Whoever calls holds the session.
    /// </summary>
    void Release();
}

/// <summary>
/// What is kept on a device between calls, for whoever finds no room there. Whoever calls holds the
/// session.
/// </summary>
internal sealed class KeptMemory
{
    private readonly ConditionalWeakTable<IKeepsMemory, object> _known = [];
    private readonly List<IKeepsMemory> _inUse = [];

    /// <summary>Says that memory is in use until that is disposed, and kept from then on.</summary>
    public Use InUse(IKeepsMemory owner)
    {
        _known.TryAdd(owner, this);
        _inUse.Add(owner);
        return new(this, owner);
    }

    /// <summary>Has all memory freed that is kept and not in use.</summary>
    /// <returns>Whether there was somebody to ask.</returns>
    public bool Release()
    {
        IKeepsMemory[] idle = [.. _known.Select(k => k.Key).Where(k => !_inUse.Contains(k))];
        foreach (IKeepsMemory owner in idle) owner.Release();
        return idle.Length > 0;
    }

    /// <summary>Ends a use.</summary>
    internal readonly record struct Use(KeptMemory Kept, IKeepsMemory Owner) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Kept._inUse.Remove(Owner);
    }
}
