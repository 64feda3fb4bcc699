namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Runs numbered chunks of work on the calling thread and on workers of the thread pool. Which
/// worker takes which chunk is left to chance, so a chunk may depend on nothing but its number.
/// Allocates nothing per run.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Worker[] _helpers;
    private readonly CountdownEvent _running = new(1);
    private Action<int, int>? _body;
    private Exception? _failure;
    private int _chunks;
    private int _next;

    public WorkerPool(int workers)
    {
        Workers = workers;
        _helpers = [.. Enumerable.Range(1, workers - 1).Select(i => new Worker(this, i))];
    }

    /// <summary>Threads that take part, the caller among them.</summary>
    public int Workers { get; }

    /// <summary>
    /// Calls <paramref name="body"/>(worker, chunk) for every chunk and waits for all.
    /// </summary>
    public void Run(int chunks, Action<int, int> body)
    {
        (_body, _chunks, _next, _failure) = (body, chunks, 0, null);
        int helpers = Math.Min(_helpers.Length, chunks - 1);
        _running.Reset(helpers + 1);
        for (int i = 0; i < helpers; i++)
            ThreadPool.UnsafeQueueUserWorkItem(_helpers[i], preferLocal: false);
        Drain(0);
        _running.Wait();
        if (_failure is not null) throw new AggregateException(_failure);
    }

    public void Dispose() => _running.Dispose();

    private void Drain(int worker)
    {
        try
        {
            for (int chunk; (chunk = Interlocked.Increment(ref _next) - 1) < _chunks;)
                _body!(worker, chunk);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
        finally
        {
            _running.Signal();
        }
    }

    private sealed class Worker(WorkerPool pool, int index) : IThreadPoolWorkItem
    {
        public void Execute() => pool.Drain(index);
    }
}
