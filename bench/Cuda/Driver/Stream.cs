namespace QSim.CudaDriver.Driver;

/// <summary>
/// Work in order. It is done as late as it may: when somebody waits for it. Whoever reads results
/// without waiting, or changes what is still to be read, gets what a card might give.
/// </summary>
/// <param name="waitsForDefault">Whether the default stream's work and its own wait for each
/// other.</param>
internal sealed class Stream(bool waitsForDefault)
{
    private readonly Queue<Action> _work = [];

    /// <summary>Whether the default stream's work and its own wait for each other.</summary>
    public bool WaitsForDefault => waitsForDefault;

    /// <summary>Adds to the end.</summary>
    public void Add(Action work) => _work.Enqueue(work);

    /// <summary>Does everything.</summary>
    public void Finish()
    {
        while (_work.TryDequeue(out Action? work)) work();
    }
}
