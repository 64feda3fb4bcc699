using System.Runtime.ExceptionServices;

namespace QSim.Kernels.Backends;

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
    private int _called;
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
    /// <param name="chunks">How many.</param>
    /// <param name="body">The work.</param>
    /// <param name="most">Most threads to use; 0 for all.</param>
    public void Run(int chunks, Action<int, int> body, int most = 0)
    {
        (_body, _chunks, _next, _failure) = (body, chunks, 0, null);
        _called = Math.Min(most > 0 ? Math.Min(most, Workers) : Workers, chunks) - 1;
        if (_called <= 0)
        {
            for (int chunk = 0; chunk < chunks; chunk++) body(0, chunk);
            return;
        }

        _running.Reset(1);
        for (int i = 0; i < _called; i++) _helpers[i].Call();
        Drain(0);

        // Whoever has not begun by now is not waited for: the thread pool may be short of threads
        // because they all wait here.
        for (int i = 0; i < _called; i++) _helpers[i].Withdraw();
        _running.Signal();
        _running.Wait();
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
    }

    public void Dispose()
    {
        foreach (Worker helper in _helpers) helper.Retire();
        _running.Dispose();
    }

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
    }

    /// <summary>
    /// May stand in the thread pool's queue more than once, from runs before; only one at a time
    /// gets past <see cref="Called"/>.
    /// </summary>
    private sealed class Worker(WorkerPool pool, int index) : IThreadPoolWorkItem
    {
        private const int Idle = 0, Called = 1, Busy = 2, Retired = 3;

        private int _state;

        public void Call()
        {
            if (Interlocked.CompareExchange(ref _state, Called, Idle) == Idle)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        public void Withdraw() => Interlocked.CompareExchange(ref _state, Idle, Called);

        /// <summary>Waits until it is idle, and lets it do nothing from then on.</summary>
        public void Retire()
        {
            Withdraw();
            SpinWait wait = default;
            while (Interlocked.CompareExchange(ref _state, Retired, Idle) == Busy) wait.SpinOnce();
        }

        public void Execute()
        {
            if (Interlocked.CompareExchange(ref _state, Busy, Called) != Called) return;

            // Late, it finds the run done, or the next one, which may not want as many.
            bool takesPart = pool._running.TryAddCount();
            if (takesPart && index <= pool._called) pool.Drain(index);

            // Idle first: the run that follows at once is to find it so.
            Volatile.Write(ref _state, Idle);
            if (takesPart) pool._running.Signal();
        }
    }
}
