using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// Blocks of images over threads; each thread has a workspace that later runs use again.
/// </summary>
internal sealed unsafe class SimdRunner(QuantizedProgram source, string? row) : IProgramRunner
{
    private readonly SimdProgram _program = new(source, row);
    private readonly ConcurrentBag<Workspace> _idle = [];

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
        fixed (long* first = inputs)
        {
            var run = new SimdRun(first, images, options, outputs, taps);
            RunBlocks(run, counters);
            if (run.OutOfRange is { } raw) throw new ArgumentException(Outside(raw));
        }

        return new(outputs, [.. counters.Select(c => c.ToEvents())], taps.ToImmutableDictionary());
    }

    /// <inheritdoc/>
    public void Dispose() => _idle.Clear();

    private void RunBlocks(SimdRun run, EventCounter[] counters)
    {
        int blocks = (run.Images + _program.BlockImages - 1) / _program.BlockImages;
        int threads = run.Options.Threads > 0 ? run.Options.Threads : Environment.ProcessorCount;
        threads = Math.Min(threads, blocks);
        int next = -1;
        if (threads <= 1) Work();
        else Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, _ => Work());

        void Work()
        {
            if (!_idle.TryTake(out Workspace? workspace)) workspace = _program.NewWorkspace();
            if (run.Options.CollectEvents) workspace.Counters = _program.NewCounters();
            for (int block; (block = Interlocked.Increment(ref next)) < blocks;)
                RunBlock(run, workspace, block * _program.BlockImages);
            lock (counters)
            {
                for (int i = 0; i < counters.Length; i++) counters[i].Merge(workspace.Counters[i]);
            }

            _idle.Add(workspace);
        }
    }

    private void RunBlock(SimdRun run, Workspace workspace, int first)
    {
        int images = Math.Min(_program.BlockImages, run.Images - first);
        var block = new ImageBlock(
            images, run.Options.FirstImage + first, run.Options.CollectEvents);
        TensorLayout input = _program.Layouts[0];
        if (Offender(run.Input(first, images, input.Length)) is { } raw)
        {
            run.OutOfRange = raw;
            return;
        }

        for (int i = 0; i < images; i++)
            PlanarOrder.Store(
                run.Input(first + i, 1, input.Length), input, workspace.Tensor(0, images), i);

        foreach (Step step in _program.Steps) step.Run(workspace, block);

        Load(_program.Steps.Length, run.Outputs);
        foreach ((int tensor, long[] values) in run.Taps) Load(tensor, values);

        void Load(int tensor, long[] values)
        {
            TensorLayout layout = _program.Layouts[tensor];
            for (int i = 0; i < images; i++)
                PlanarOrder.Load(
                    workspace.Tensor(tensor, images), layout, i,
                    values.AsSpan(checked((first + i) * layout.Length), layout.Length));
        }
    }

    private string Outside(long raw)
    {
        TensorType type = _program.Source.Input.Type;
        return $"the input {raw} is outside {type.MinRaw}..{type.MaxRaw}";
    }

    /// <summary>
    /// An input outside the format's range, if any: narrow storage would change it silently.
    /// </summary>
    private long? Offender(ReadOnlySpan<long> inputs)
    {
        TensorType type = _program.Source.Input.Type;
        ReadOnlySpan<Vector<long>> vectors = MemoryMarshal.Cast<long, Vector<long>>(inputs);
        var least = new Vector<long>(type.MinRaw);
        var most = new Vector<long>(type.MaxRaw);
        Vector<long> outside = default;
        foreach (Vector<long> raw in vectors)
            outside |= Vector.LessThan(raw, least) | Vector.GreaterThan(raw, most);
        int rest = outside == default ? vectors.Length * Vector<long>.Count : 0;
        foreach (long raw in inputs[rest..])
            if (raw < type.MinRaw || raw > type.MaxRaw) return raw;
        return null;
    }
}

/// <summary>One call of a runner: where its inputs lie and its results go.</summary>
internal sealed unsafe class SimdRun(
    long* inputs, int images, RunOptions options, long[] outputs, Dictionary<int, long[]> taps)
{
    public int Images => images;

    public RunOptions Options => options;

    public long[] Outputs => outputs;

    public Dictionary<int, long[]> Taps => taps;

    /// <summary>An input that no raw input may be, once a thread has met one.</summary>
    public long? OutOfRange { get; set; }

    /// <summary>Some images' raw values.</summary>
    public ReadOnlySpan<long> Input(int first, int count, int length)
    {
        Door.Needs(first >= 0 && count >= 0 && first <= images - count);
        return new(inputs + ((long)first * length), count * length);
    }
}
