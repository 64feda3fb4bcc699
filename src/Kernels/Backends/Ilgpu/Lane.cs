using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// Some images on their way through a program: a stream of their own and room for every tensor.
/// Work is queued by <see cref="Start"/> and awaited by <see cref="Collect"/>, so that lanes
/// overlap.
/// </summary>
internal sealed class Lane : IDisposable
{
    private readonly QuantizedProgram _program;
    private readonly DeviceLayer?[] _layers;
    private readonly DeviceSession _session;
    private readonly List<IDisposable> _memory = [];
    private readonly AcceleratorStream _stream;
    private readonly ArrayView<int>[] _tensors;
    private readonly ArrayView<int>[] _events;
    private readonly ArrayView<long> _scratch;
    private readonly ArrayView<int> _uploaded;
    private readonly PageLockedArray1D<int> _staging;
    private readonly Dictionary<int, PageLockedArray1D<int>> _downloads;
    private readonly EventCollector? _collector;
    private (int First, int Count) _images;

    /// <summary>Takes the memory that it needs.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layers">Its layers on the device.</param>
    /// <param name="session">The device.</param>
    /// <param name="capacity">Most images at a time.</param>
    /// <param name="collectsEvents">Whether there is to be room for event flags.</param>
    /// <param name="uploads">Whether there is to be room for images from the host.</param>
    /// <param name="wanted">Tensors that leave the device again.</param>
    public Lane(
        QuantizedProgram program, DeviceLayer?[] layers, DeviceSession session, int capacity,
        bool collectsEvents, bool uploads, IEnumerable<int> wanted)
    {
        _program = program;
        _layers = layers;
        _session = session;
        Capacity = capacity;
        CollectsEvents = collectsEvents;
        Uploads = uploads;
        try
        {
            _stream = Keep(session.Accelerator.CreateStream());
            long inputs = uploads ? program.Input.Type.Shape.Length : 0;
            _uploaded = uploads ? Room<int>(inputs) : ArrayView<int>.Empty;
            _tensors = [_uploaded, .. program.Layers.Select((l, i) => layers[i] is null
                ? ArrayView<int>.Empty
                : Room<int>(l.Output.Shape.Length))];
            _events = [.. program.Layers.Select(l => collectsEvents && !l.EventStages.IsEmpty
                ? Room<int>(l.Output.Shape.Length)
                : ArrayView<int>.Empty)];
            _scratch = Room<long>(Math.Max(1, layers.Max(l => l?.ScratchPerImage ?? 0)));
            _staging = HostRoom(inputs);
            _downloads = wanted.ToDictionary(
                t => t, t => HostRoom(program.Tensor(t).Shape.Length));
            if (collectsEvents)
                _collector = Keep(new EventCollector(program, session, capacity));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Most images at a time.</summary>
    public int Capacity { get; }

    /// <summary>Whether there is room for event flags.</summary>
    public bool CollectsEvents { get; }

    /// <summary>
    /// Whether there is room for images from the host; images on the device stay where they are.
    /// </summary>
    public bool Uploads { get; }

    /// <summary>True between <see cref="Start"/> and <see cref="Collect"/>.</summary>
    public bool IsBusy => _images.Count > 0;

    /// <summary>Whether there is room for a tensor to leave the device.</summary>
    public bool Downloads(int tensor) => _downloads.ContainsKey(tensor);

    /// <summary>
    /// Queues the program for some images of a batch, and the way back of what was asked for.
    /// </summary>
    /// <param name="inputs">The images of the whole batch.</param>
    /// <param name="first">Index in the batch of the first image.</param>
    /// <param name="count">How many, at most <see cref="Capacity"/>.</param>
    /// <param name="results">What is asked for.</param>
    public void Start(ImageSource inputs, int first, int count, RunResults results)
    {
        int length = _program.Input.Type.Shape.Length;
        _tensors[0] = inputs.IsOnDevice
            ? inputs.Device(first * length, count * length)
            : Upload(inputs.Host(first * length, count * length));
        for (int i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] is not { } layer)
            {
                // Nothing to compute: the same numbers, where they lie.
                _tensors[i + 1] = _tensors[_program.Layers[i].Inputs[0]];
                continue;
            }

            bool fused = layer.FusesNext(CollectsEvents) && !results.Tensors.ContainsKey(i + 1);
            _session.Launching();
            layer.Launch(Launch(i, count, results.FirstImage + first, fused));

            // The next layer's work is in this one's kernel.
            if (fused) i++;
        }

        foreach (int tensor in results.Tensors.Keys)
            Values(tensor, count).CopyToPinned(_stream, _downloads[tensor]);
        _images = (first, count);
    }

    /// <summary>Waits for the images started last and adds what they gave to the results.</summary>
    public void Collect(RunResults results)
    {
        (int first, int count) = _images;
        _images = default;
        _stream.Synchronize();
        foreach ((int tensor, long[] values) in results.Tensors)
        {
            TensorType type = _program.Tensor(tensor);
            int length = type.Shape.Length, isSigned = type.IsSigned ? 1 : 0;
            ReadOnlySpan<int> raw = _downloads[tensor].Span[..(count * length)];
            Span<long> mine = values.AsSpan(first * length, raw.Length);
            for (int i = 0; i < raw.Length; i++) mine[i] = Raw.Load(raw[i], isSigned);
        }

        _collector?.Collect(_stream, _events, count, results.FirstImage + first, results.Events);
    }

    /// <summary>Frees the lane's memory.</summary>
    public void Dispose()
    {
        foreach (IDisposable memory in Enumerable.Reverse(_memory)) _session.Free(memory);
        _memory.Clear();
    }

    private ArrayView<int> Upload(ReadOnlySpan<long> images)
    {
        Span<int> staged = _staging.Span;
        for (int i = 0; i < images.Length; i++) staged[i] = (int)images[i];
        ArrayView<int> room = _uploaded.SubView(0, images.Length);
        room.CopyFromPinned(_stream, _staging);
        return room;
    }

    private LayerLaunch Launch(int layer, int count, long firstImage, bool fused) => new(
        _stream, [.. _program.Layers[layer].Inputs.Select(t => _tensors[t])],
        _tensors[fused ? layer + 2 : layer + 1], _events[layer], _scratch, count,
        new(_program.Seed, firstImage, layer), fused);

    private ArrayView<int> Values(int tensor, int images) =>
        _tensors[tensor].SubView(0, images * _program.Tensor(tensor).Shape.Length);

    private PageLockedArray1D<int> HostRoom(long perImage) =>
        Keep(_session.AllocatePinned(Math.Max(1, Capacity * perImage)));

    private ArrayView<T> Room<T>(long perImage)
        where T : unmanaged =>
        Keep(_session.Allocate<T>(perImage * Capacity)).View;

    private T Keep<T>(T memory)
        where T : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}
