using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// Blocks of images over threads, whose memory later runs use again. Several runs may go on at
/// once.
/// </summary>
/// <remarks>Needs inputs of as many images as it is told, which it looks at first.</remarks>
internal sealed unsafe class SimdRunner(QuantizedProgram source, string? row) : IProgramRunner
{
    private readonly SimdProgram _program = new(source, row);
    private readonly Stack<SimdCrew> _idle = [];

    /// <inheritdoc/>
    public bool IsShareable => true;

    /// <summary>Crews of threads whose memory waits for the next run.</summary>
    internal int IdleCrews => _idle.Count;

    /// <inheritdoc/>
    public RunResult Run(ReadOnlySpan<long> inputs, int images, RunOptions options)
    {
        int length = _program.Layouts[0].Length;
        if (inputs.Length != (long)images * length)
            throw new ArgumentException(
                $"{inputs.Length} values where {images} x {length} are needed");

        var outputs = new long[(long)images * _program.Layouts[^1].Length];
        var taps = options.Taps.Distinct().ToDictionary(
            t => t, t => new long[(long)images * _program.Layouts[t].Length]);
        EventCounter[] counters = options.CollectEvents ? _program.NewCounters() : [];
        SimdCrew crew = Take(options.Threads);
        crew.Results.Add(new(_program.Steps.Length, outputs));
        foreach ((int tensor, long[] values) in taps) crew.Results.Add(new(tensor, values));
        fixed (long* first = inputs)
            crew.Run(new(first, null, images, options.FirstImage), options.Threads, counters);
        GiveBack(crew);
        return new(outputs, [.. counters.Select(c => c.ToEvents())], taps.ToImmutableDictionary());
    }

    /// <inheritdoc/>
    public void Run(RunBuffers buffers, long firstImage)
    {
        if (!ReferenceEquals(buffers.Program, source))
            throw new ArgumentException("the buffers are for another program", nameof(buffers));
        SimdCrew crew = Take(buffers.Threads);
        foreach (int tap in buffers.Taps) crew.Results.Add(new(tap, buffers[tap]));
        fixed (long* wide = buffers.Input.Wide)
        fixed (short* narrow = buffers.Input.Narrow)
            crew.Run(new(wide, narrow, buffers.Images, firstImage), buffers.Threads, []);
        GiveBack(crew);
    }

    /// <inheritdoc/>
    public void Release()
    {
        lock (_idle)
            while (_idle.TryPop(out SimdCrew? crew)) crew.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    /// <summary>An idle crew with threads enough, or a new one.</summary>
    private SimdCrew Take(int threads)
    {
        lock (_idle)
            if (_idle.TryPop(out SimdCrew? crew))
            {
                if (crew.Threads >= threads) return crew;
                crew.Dispose();
            }

        return new(_program, Math.Max(threads, Environment.ProcessorCount));
    }

    /// <summary>Not after a run that failed: what its threads left is anything.</summary>
    private void GiveBack(SimdCrew crew)
    {
        crew.Results.Clear();
        lock (_idle) _idle.Push(crew);
    }
}
