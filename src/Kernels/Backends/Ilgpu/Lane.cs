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
    private readonly EventCollector? _collector;
    private (int First, int Count) _images;

    public Lane(
        QuantizedProgram program,
        DeviceLayer?[] layers,
        DeviceSession session,
        int capacity,
        bool collectsEvents,
        bool uploads)
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
            _events = [.. program.Layers.Select(l => collectsEvents && !EventStages.Of(l).IsEmpty
                ? Room<int>(l.Output.Shape.Length)
                : ArrayView<int>.Empty)];
            _scratch = Room<long>(Math.Max(1, layers.Max(l => l?.ScratchPerImage ?? 0)));
            _staging = Keep(
                session.Accelerator.AllocatePageLocked1D<int>(Math.Max(1, capacity * inputs)));
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

    /// <summary>Queues the program for some images of a batch.</summary>
    /// <param name="inputs">The images of the whole batch.</param>
    /// <param name="first">Index in the batch of the first image.</param>
    /// <param name="count">How many, at most <see cref="Capacity"/>.</param>
    /// <param name="firstOfBatch">Index in the dataset of the batch's first image.</param>
    public void Start(ImageSource inputs, int first, int count, long firstOfBatch)
    {
        int length = _program.Input.Type.Shape.Length;
        _tensors[0] = inputs.IsOnDevice
            ? inputs.Device(first * length, count * length)
            : Upload(inputs.Host(first * length, count * length));
        for (int i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] is not { } layer)
                _tensors[i + 1] = _tensors[_program.Layers[i].Inputs[0]];
            else
            {
                _session.Launching();
                layer.Launch(Launch(i, count, firstOfBatch + first));
            }
        }

        _images = (first, count);
    }

    /// <summary>Waits for the images started last and adds what they gave to the results.</summary>
    public void Collect(RunResults results)
    {
        (int first, int count) = _images;
        _images = default;
        foreach ((int tensor, long[] values) in results.Tensors)
        {
            TensorType type = _program.Tensor(tensor);
            int length = type.Shape.Length;
            var raw = new int[count * length];
            _tensors[tensor].SubView(0, raw.Length).CopyToCPU(_stream, raw);
            int isSigned = type.IsSigned ? 1 : 0;
            for (int i = 0; i < raw.Length; i++)
                values[((long)first * length) + i] = Raw.Load(raw[i], isSigned);
        }

        _collector?.Collect(_stream, _events, count, results.FirstImage + first, results.Events);
        _stream.Synchronize();
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
        room.CopyFromPageLockedAsync(_stream, _staging);
        return room;
    }

    private LayerLaunch Launch(int layer, int count, long firstImage) => new(
        _stream,
        [.. _program.Layers[layer].Inputs.Select(t => _tensors[t])],
        _tensors[layer + 1],
        _events[layer],
        _scratch,
        count,
        new(_program.Seed, firstImage, layer));

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
