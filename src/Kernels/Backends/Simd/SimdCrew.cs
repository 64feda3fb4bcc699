using System.Numerics;
using System.Runtime.InteropServices;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// Threads that work off the blocks of one run, each in a workspace of its own. Nothing is
/// allocated per run.
/// </summary>
/// <remarks>Needs inputs of as many images as it is told, which lie where they are.</remarks>
internal sealed unsafe class SimdCrew : IDisposable
{
    private readonly SimdProgram _program;
    private readonly WorkerPool _pool;
    private readonly Workspace?[] _workspaces;
    private readonly bool[] _takesPart;
    private readonly Action<int, int> _block;
    private SimdInputs _inputs;
    private int _blockImages;
    private bool _countsEvents;

    /// <summary>The raw value of an input outside its format, once a thread has met one.</summary>
    private object? _outOfRange;

    public SimdCrew(SimdProgram program, int threads)
    {
        (_program, _pool, _block) = (program, new(threads), Block);
        (_workspaces, _takesPart) = (new Workspace?[threads], new bool[threads]);
    }

    /// <summary>The most threads that a run may have.</summary>
    public int Threads => _pool.Workers;

    /// <summary>Where the values of some tensors go.</summary>
    public List<SimdResult> Results { get; } = [];

    /// <summary>Runs all images.</summary>
    /// <param name="inputs">The images.</param>
    /// <param name="threads">Most threads to use; 0 for one per core.</param>
    /// <param name="counters">One per layer, to add to; none where nobody counts.</param>
    /// <exception cref="ArgumentException">An input is outside its format.</exception>
    public void Run(SimdInputs inputs, int threads, EventCounter[] counters)
    {
        (_inputs, _countsEvents, _outOfRange) = (inputs, counters.Length > 0, null);
        Array.Clear(_takesPart);
        threads = Math.Min(threads > 0 ? threads : Environment.ProcessorCount, Threads);
        _blockImages = BlockImages(inputs.Images, _program.BlockImages, threads);
        int blocks = (inputs.Images + _blockImages - 1) / _blockImages;
        if (blocks > 0) _pool.Run(blocks, _block, threads);
        if (_outOfRange is long raw) throw new ArgumentException(Outside(raw));
        for (int worker = 0; _countsEvents && worker < Threads; worker++)
            for (int i = 0; _takesPart[worker] && i < counters.Length; i++)
                counters[i].Merge(_workspaces[worker]!.Counters[i]);
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    /// <summary>
    /// Images of a block: as many blocks for each thread, for 16 images in blocks of 5, 5, 5 and 1
    /// keep one of two threads waiting for a quarter of the time. What fits into one block stays
    /// one: waking a thread may cost more than it saves.
    /// </summary>
    internal static int BlockImages(int images, int most, int threads)
    {
        int blocks = (images + most - 1) / most;
        if (blocks <= 1 || threads <= 1) return most;
        int rounds = (blocks + threads - 1) / threads;
        return Math.Min(most, (images + (rounds * threads) - 1) / (rounds * threads));
    }

    private void Block(int worker, int block)
    {
        Workspace workspace = _workspaces[worker] ??= _program.NewWorkspace();
        if (_countsEvents && !_takesPart[worker]) workspace.Counters = _program.NewCounters();
        _takesPart[worker] = true;
        int first = block * _blockImages;
        int images = Math.Min(_blockImages, _inputs.Images - first);
        if (!Store(workspace, first, images)) return;
        var place = new ImageBlock(images, _inputs.FirstImage + first, _countsEvents);
        foreach (Step step in _program.Steps) step.Run(workspace, place);
        foreach (SimdResult result in Results)
            Load(workspace, result, first, images);
    }

    /// <summary>False where an input is outside its format.</summary>
    private bool Store(Workspace workspace, int first, int images)
    {
        TensorLayout layout = _program.Layouts[0];
        void* stored = workspace.Tensor(0, images);
        int length = layout.Length;
        if (_inputs.IsNarrow)
        {
            ReadOnlySpan<short> narrow = _inputs.Narrow(first, images, length);
            if (HasOffender(narrow, (int)layout.Offset)) return false;
            for (int i = 0; i < images; i++)
                PlanarOrder.Store(narrow.Slice(i * length, length), layout, stored, i);
            return true;
        }

        ReadOnlySpan<long> wide = _inputs.Wide(first, images, length);
        if (HasOffender(wide, 0)) return false;
        for (int i = 0; i < images; i++)
            PlanarOrder.Store(wide.Slice(i * length, length), layout, stored, i);
        return true;
    }

    private void Load(Workspace workspace, SimdResult result, int first, int images)
    {
        TensorLayout layout = _program.Layouts[result.Tensor];
        void* stored = workspace.Tensor(result.Tensor, images);
        for (int i = 0; i < images; i++)
        {
            int at = checked((first + i) * layout.Length);
            if (result.IsNarrow)
                PlanarOrder.Load(stored, layout, i, result.Narrow.Slice(at, layout.Length));
            else
                PlanarOrder.Load(stored, layout, i, result.Wide.Slice(at, layout.Length));
        }
    }

    private string Outside(long raw)
    {
        TensorType type = _program.Source.Input.Type;
        return $"the input {raw} is outside {type.MinRaw}..{type.MaxRaw}";
    }

    /// <summary>
    /// Whether an input is outside the format's range: narrow storage would change it silently.
    /// </summary>
    private bool HasOffender<T>(ReadOnlySpan<T> inputs, int offset)
        where T : unmanaged, IBinaryInteger<T>
    {
        TensorType type = _program.Source.Input.Type;
        T low = T.CreateTruncating(type.MinRaw - offset);
        T high = T.CreateTruncating(type.MaxRaw - offset);

        // Vectors only tell whether there is one; the search for it is for when there is.
        ReadOnlySpan<Vector<T>> vectors = MemoryMarshal.Cast<T, Vector<T>>(inputs);
        Vector<T> least = new(low), most = new(high), outside = default;
        foreach (Vector<T> raw in vectors)
            outside |= Vector.LessThan(raw, least) | Vector.GreaterThan(raw, most);
        int rest = outside == default ? vectors.Length * Vector<T>.Count : 0;
        foreach (T raw in inputs[rest..])
            if (raw < low || raw > high)
            {
                _outOfRange = long.CreateTruncating(raw) + offset;
                return true;
            }

        return false;
    }
}

/// <summary>The images of a run: raw values in 64 bits, or in 16 as they are stored.</summary>
/// <param name="wide">In 64 bits, or null.</param>
/// <param name="narrow">In 16 bits, or null.</param>
/// <param name="images">How many.</param>
/// <param name="firstImage">Index of the first in its dataset.</param>
internal readonly unsafe struct SimdInputs(
    long* wide, short* narrow, int images, long firstImage)
{
    public int Images => images;

    public long FirstImage => firstImage;

    public bool IsNarrow => narrow != null;

    /// <summary>Some images' raw values.</summary>
    public ReadOnlySpan<long> Wide(int first, int count, int length)
    {
        Door.Needs(first >= 0 && count >= 0 && first <= images - count);
        return new(wide + ((long)first * length), count * length);
    }

    /// <summary>Some images' values as stored.</summary>
    public ReadOnlySpan<short> Narrow(int first, int count, int length)
    {
        Door.Needs(first >= 0 && count >= 0 && first <= images - count);
        return new(narrow + ((long)first * length), count * length);
    }
}

/// <summary>Where the values of a tensor go: into 64 bits, or as they are stored.</summary>
internal readonly struct SimdResult
{
    private readonly long[]? _wide;
    private readonly RawValues? _values;

    public SimdResult(int tensor, long[] values) => (Tensor, _wide) = (tensor, values);

    public SimdResult(int tensor, RawValues values) => (Tensor, _values) = (tensor, values);

    public int Tensor { get; }

    public bool IsNarrow => _values?.IsNarrow == true;

    public Span<short> Narrow => _values!.Narrow;

    public Span<long> Wide => _wide is null ? _values!.Wide : _wide;
}
