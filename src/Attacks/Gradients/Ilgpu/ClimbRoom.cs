using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using QSim.Attacks.Evaluation;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Where images wait for a climb and its results for the host: memory that the device reads and
/// writes by itself, as much on the device, and a stream for the copies between. A batch comes and
/// goes here while another's steps are made, for which no one has to hold the session.
/// </summary>
internal sealed class ClimbRoom : IDisposable
{
    /// <summary>Most values of pixels, which page-locked memory is taken for.</summary>
    private const int MostValues = 1 << 26;

    private const int StateLength = 6;

    private readonly DeviceSession _session;
    private readonly int _pixels;
    private readonly int _classes;
    private readonly int _wanted;
    private readonly List<IDisposable> _memory = [];
    private readonly AcceleratorStream _stream;
    private readonly Way _images;
    private readonly Way _low;
    private readonly Way _high;
    private readonly Way _logits;
    private readonly Way _states;
    private readonly Way _decisions;

    /// <summary>Takes the memory. Whoever calls holds the session.</summary>
    /// <param name="session">The device.</param>
    /// <param name="pixels">Values of an image.</param>
    /// <param name="classes">Logits of an image.</param>
    /// <param name="wanted">How many images there are.</param>
    /// <param name="most">For how many to take memory; fewer where images are large.</param>
    public ClimbRoom(DeviceSession session, int pixels, int classes, int wanted, int most)
    {
        (_session, _pixels, _classes, _wanted) = (session, pixels, classes, wanted);
        Capacity = Math.Min(most, Math.Max(1, MostValues / pixels));

        // States are read by whole blocks.
        int lanes = ImageBlocks.For(Capacity) * ImageBlocks.Lanes;
        try
        {
            _stream = Keep(session.Accelerator.CreateStream());
            _images = Between((long)Capacity * pixels);
            _low = Between((long)Capacity * pixels);
            _high = session.HasDoubles ? Way.None : Between((long)Capacity * pixels);
            _logits = Between((long)Capacity * classes);
            _states = Between((long)lanes * StateLength);
            _decisions = Between(lanes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Most images.</summary>
    public int Capacity { get; }

    /// <summary>Bytes on the device.</summary>
    public static long BytesPerImage(int pixels, int classes) =>
        ((3L * pixels) + classes + StateLength + 1) * sizeof(int);

    /// <summary>Whether another made for so many images would not be larger.</summary>
    public bool Serves(int images) => images <= _wanted;

    /// <summary>
    /// On the device, [image][pixel]: where they start, and later where they end.
    /// </summary>
    public ArrayView<float> Images => _images.Device.Cast<float>();

    /// <summary>
    /// The least value of each pixel, as <see cref="Images"/>; where <see cref="High"/> is empty,
    /// the originals.
    /// </summary>
    public ArrayView<float> Low => _low.Device.Cast<float>();

    /// <summary>The largest; empty where the device works the bounds out.</summary>
    public ArrayView<float> High => _high.Device.Cast<float>();

    /// <summary>To be filled, [image][class].</summary>
    public ArrayView<float> Logits => _logits.Device.Cast<float>();

    /// <summary>By image, and by lane that has none in the last block.</summary>
    public ArrayView<ClimbState> States => _states.Device.Cast<ClimbState>();

    /// <summary>To be filled, by lane likewise.</summary>
    public ArrayView<int> Decisions => _decisions.Device;

    /// <summary>Brings images to the device.</summary>
    /// <param name="images">The images.</param>
    /// <param name="bounds">Of all images; null where the device works them out.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="size">How many.</param>
    public void Bring(ClimbImages images, PixelBounds? bounds, int first, int size)
    {
        int from = first * _pixels, values = size * _pixels;
        if (bounds is not null)
        {
            bounds.Constrain(from, images.Pixels.AsSpan(from, values));
            _high.Bring(_stream, bounds.High.AsMemory(from, values));
        }

        _images.Bring(_stream, images.Pixels.AsMemory(from, values));
        _low.Bring(_stream, (bounds?.Low ?? images.Originals).AsMemory(from, values));
        int lanes = ImageBlocks.For(size) * ImageBlocks.Lanes;
        Span<ClimbState> states =
            MemoryMarshal.Cast<int, ClimbState>(_states.Host.Span)[..lanes];
        states.Clear();
        for (int i = 0; i < size; i++) states[i] = new(images.Labels[first + i], 0, 0, 0, 1, 0);
        _states.Bring(_stream, lanes * StateLength);
        _stream.Synchronize();
    }

    /// <summary>Takes to the host what became of them.</summary>
    /// <param name="images">Filled.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="size">How many.</param>
    public void Take(ClimbImages images, int first, int size)
    {
        int values = size * _pixels, logits = size * _classes;
        _images.Take(_stream, values);
        _logits.Take(_stream, logits);
        _states.Take(_stream, size * StateLength);
        _decisions.Take(_stream, size);
        _stream.Synchronize();
        _images.Read(images.Pixels.AsMemory(first * _pixels, values));
        _logits.Read(images.Logits.AsMemory(first * _classes, logits));
        _decisions.Host.Span[..size].CopyTo(images.Decisions.AsSpan(first));
        ReadOnlySpan<ClimbState> states = MemoryMarshal.Cast<int, ClimbState>(_states.Host.Span);
        for (int i = 0; i < size; i++)
        {
            images.Classes[first + i] = states[i].Class;
            images.Questions[first + i] = states[i].Questions;
            images.Zeros[first + i] = states[i].Zeros;
        }
    }

    /// <summary>Frees the memory. Whoever calls holds the session.</summary>
    public void Dispose()
    {
        foreach (IDisposable memory in Enumerable.Reverse(_memory)) _session.Free(memory);
        _memory.Clear();
    }

    private Way Between(long length) => new(
        Keep(_session.AllocatePinned(length)), Keep(_session.Allocate<int>(length)).View);

    private T Keep<T>(T memory)
        where T : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }

    /// <summary>The two ends of a way.</summary>
    /// <param name="Host">Memory that the device reads and writes by itself.</param>
    /// <param name="Device">As much on the device.</param>
    private readonly record struct Way(PageLockedArray1D<int> Host, ArrayView<int> Device)
    {
        public static Way None => new(null!, ArrayView<int>.Empty);

        /// <summary>Queues a copy to the device.</summary>
        public void Bring(AcceleratorStream stream, int length) =>
            Device.SubView(0, length).CopyFromPinned(stream, Host);

        /// <summary>The same of what is copied to the host's end first, on all cores.</summary>
        public void Bring(AcceleratorStream stream, ReadOnlyMemory<float> values)
        {
            PageLockedArray1D<int> host = Host;
            Batches.ForChunks(values.Length, (first, count) => values.Span.Slice(first, count)
                .CopyTo(MemoryMarshal.Cast<int, float>(host.Span.Slice(first, count))));
            Bring(stream, values.Length);
        }

        /// <summary>Queues a copy to the host's end.</summary>
        public void Take(AcceleratorStream stream, int length) =>
            Device.SubView(0, length).CopyToPinned(stream, Host);

        /// <summary>Copies what came there, on all cores.</summary>
        public void Read(Memory<float> values)
        {
            PageLockedArray1D<int> host = Host;
            Batches.ForChunks(values.Length, (first, count) =>
                MemoryMarshal.Cast<int, float>(host.Span.Slice(first, count))
                    .CopyTo(values.Span[first..]));
        }
    }
}
