using System.Runtime.InteropServices;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// Runs the threads of a group one after the other, each until it ends or waits, the last ones
/// first: what a kernel makes of threads that do not wait for each other shows in its results.
/// </summary>
internal sealed unsafe class GroupRunner : IDisposable
{
    private readonly Launch _launch;
    private readonly Lane[] _lanes;
    private readonly SharedAccesses _accesses;
    private readonly byte* _shared;
    private readonly int _threads, _sharedBytes;
    private readonly long[]? _counts;

    /// <summary>For groups of one launch.</summary>
    public GroupRunner(Launch launch, int threads, int sharedBytes)
    {
        (_launch, _threads, _sharedBytes) = (launch, threads, sharedBytes);
        _shared = (byte*)NativeMemory.AlignedAlloc((nuint)sharedBytes + 1, 128);
        _accesses = new(sharedBytes);
        _counts = launch.Counts is null ? null : new long[launch.Counts.Length];
        _lanes = new Lane[launch.Kernel.HasWaits ? threads : 1];
        for (int i = 0; i < _lanes.Length; i++)
            _lanes[i] = new(launch)
            {
                Shared = _shared,
                SharedBytes = sharedBytes,
                Accesses = _accesses,
                Counts = _counts,
            };
    }

    /// <summary>Instructions so far.</summary>
    public long Executed => _lanes.Sum(l => l.Executed);

    /// <summary>Adds up how often each instruction was executed, where that is counted.</summary>
    public void AddTo(long[]? counts)
    {
        for (int i = 0; i < _counts?.Length; i++) Interlocked.Add(ref counts![i], _counts[i]);
    }

    /// <summary>Instructions of the thread that executed most.</summary>
    public long Longest { get; private set; }

    /// <summary>Runs a group to its end.</summary>
    public void Run(int group)
    {
        new Span<byte>(_shared, _sharedBytes).Fill(Lane.Garbage);
        _accesses.Next();
        if (!_launch.Kernel.HasWaits)
        {
            for (int thread = _threads - 1; thread >= 0; thread--)
            {
                _lanes[0].Begin(group, thread);
                _lanes[0].Run();
                Longest = Math.Max(Longest, _lanes[0].Own);
            }

            return;
        }

        for (int thread = 0; thread < _threads; thread++) _lanes[thread].Begin(group, thread);
        while (true)
        {
            for (int thread = _threads - 1; thread >= 0; thread--)
                if (_lanes[thread].State == LaneState.Ready) _lanes[thread].Run();
            if (_lanes.All(l => l.State == LaneState.Ended)) break;
            Release();
        }

        Longest = Math.Max(Longest, _lanes.Max(l => l.Own));
    }

    /// <summary>
    /// Lets those go on that wait for nobody any more: whole warps at an exchange, or everybody at
    /// a barrier.
    /// </summary>
    private void Release()
    {
        bool moved = false;
        foreach (Lane[] warp in _lanes.Chunk(Launch.Warp))
            if (warp[0].Waiting is { Flow: Flow.Warp } exchange
                && warp.All(l => l.State == LaneState.Waiting && l.Waiting == exchange))
            {
                if (warp.Length < Launch.Warp)
                    throw new KernelFault(exchange, $"a warp of {warp.Length} lanes");
                exchange.Exchange!(warp, exchange);
                GoOn(warp);
                moved = true;
            }

        if (moved) return;
        Instruction first = _lanes.First(l => l.State == LaneState.Waiting).Waiting!;
        if (first.Flow != Flow.Barrier
            || _lanes.Any(l => l.State == LaneState.Waiting && l.Waiting!.Flow != Flow.Barrier))
            throw new KernelFault(first, "some threads of the group wait elsewhere");
        foreach (Lane[] warp in _lanes.Chunk(Launch.Warp)) NeedsOneBarrier(warp);
        _accesses.Next();
        GoOn(_lanes);
    }

    /// <summary>
    /// <c>bar.sync</c> is aligned: the lanes of a warp that have not ended wait at the same one.
    /// </summary>
    private static void NeedsOneBarrier(Lane[] warp)
    {
        Instruction[] barriers =
            [.. warp.Where(l => l.State == LaneState.Waiting).Select(l => l.Waiting!).Distinct()];
        if (barriers.Length > 1)
            throw new KernelFault(
                barriers[0], $"others of the warp wait in line {barriers[1].Line}");
    }

    private static void GoOn(Lane[] lanes)
    {
        foreach (Lane lane in lanes)
            if (lane.State == LaneState.Waiting) lane.State = LaneState.Ready;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lane lane in _lanes) lane.Dispose();
        NativeMemory.AlignedFree(_shared);
    }
}
