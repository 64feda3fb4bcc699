using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>
/// All arithmetics of one network, in turns: ratios between them, between thread counts and between
/// runs with and without events come from the same stretch of time.
/// </summary>
internal static class NetworkBench
{
    private const int Turns = 4;

    /// <summary>More turns for cells that are still getting faster.</summary>
    private const int ExtraTurns = 8;

    /// <summary>Seconds after which the reference's many small methods are compiled well.</summary>
    private const double ReferenceWarmth = 1;

    public static IEnumerable<Cell> Measure(
        NetworkShape network, IEnumerable<BenchArithmetic> arithmetics, int images, double seconds,
        double rate)
    {
        List<CellTimer> timers =
            [.. arithmetics.Select(a => new CellTimer(BenchProgram.Build(network, a), a, images))];

        // What a process runs first runs before the compiler has seen it often: one turn does not
        // count, and whatever got faster in its last turn gets another.
        foreach (CellTimer timer in timers) timer.Turn(seconds / Turns);
        foreach (CellTimer timer in timers) timer.Forget();
        timers[0].Reference(ReferenceWarmth);
        for (int turn = 0; turn < Turns + ExtraTurns; turn++)
            foreach (CellTimer timer in timers.Where(t => turn < Turns || t.IsSettling))
                timer.Turn(seconds / Turns);
        foreach (CellTimer timer in timers)
        {
            yield return timer.ToCell(network, rate);
            timer.Dispose();
        }
    }
}

/// <summary>Times one network with one arithmetic, a little at a time.</summary>
internal sealed class CellTimer : IDisposable
{
    /// <summary>A turn that is faster than all before by more than this is not the last.</summary>
    private const double Settled = 0.02;

    /// <summary>Counting is slow in some arithmetics: a quarter of the images has to do.</summary>
    private const int EventShare = 4;

    private const double ReferenceSeconds = 0.2;

    private readonly QuantizedProgram _program;
    private readonly BenchArithmetic _arithmetic;
    private readonly int _images;
    private readonly IProgramRunner _runner;
    private readonly long[] _inputs;
    private double _one, _two, _events;

    public CellTimer(QuantizedProgram program, BenchArithmetic arithmetic, int images)
    {
        (_program, _arithmetic, _images) = (program, arithmetic, images);
        _runner = new SimdBackend().Load(program);
        _inputs = BenchProgram.Inputs(program, images);
        Forget();
    }

    /// <summary>Whether the last turn found something faster than those before it.</summary>
    public bool IsSettling { get; private set; }

    public void Forget() => _one = _two = _events = double.PositiveInfinity;

    /// <summary>One thread, two threads, one thread that counts events.</summary>
    public void Turn(double seconds)
    {
        double one = Seconds(_images, new() { Threads = 1 }, seconds);
        double two = Seconds(_images, new() { Threads = 2 }, seconds);
        double events = Seconds(
            Math.Max(1, _images / EventShare), new() { Threads = 1, CollectEvents = true },
            seconds);
        IsSettling = one < _one * (1 - Settled) || two < _two * (1 - Settled)
            || events < _events * (1 - Settled);
        (_one, _two, _events) = (
            Math.Min(one, _one), Math.Min(two, _two), Math.Min(events, _events));
    }

    /// <summary>Seconds per image of the reference.</summary>
    public double Reference(double seconds) =>
        Timing.SecondsPerImage(new ReferenceBackend(), _program, 1, 1, seconds);

    public Cell ToCell(NetworkShape network, double rate)
    {
        IBackend simd = new SimdBackend();
        return new(
            network.Name, _arithmetic.Name, _program.Layers.OfType<MacLayer>().Min(l => l.Depth),
            BenchProgram.Macs(_program), _one, _two, _events,
            Reference(ReferenceSeconds), rate,
            Timing.Overflowed(simd, _program), Timing.Allocated(simd, _program, _images));
    }

    public void Dispose() => _runner.Dispose();

    private double Seconds(int images, RunOptions options, double seconds)
    {
        int length = images * _program.Input.Type.Shape.Length;
        return Timing.Best(
            () => _runner.Run(_inputs.AsSpan(0, length), images, options), seconds) / images;
    }
}
