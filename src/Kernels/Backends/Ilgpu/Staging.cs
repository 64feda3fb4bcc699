using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// Memory of the host that a device reads and writes by itself, which ordinary memory goes through
/// on its way: several cores may copy at once.
/// </summary>
internal sealed unsafe class Staging(DeviceSession session) : IDisposable
{
    private const int Chunk = 1 << 16;

    private PageLockedArray1D<float>? _room;

    /// <summary>
    /// Queues a copy to the device. What was queued before has to be done, and so has this before
    /// the next.
    /// </summary>
    public void Bring(AcceleratorStream stream, ReadOnlySpan<float> values, ArrayView<float> to)
    {
        PageLockedArray1D<float> room = Room(values.Length);
        Copy(values, room.Span);
        to.SubView(0, values.Length).CopyFromPinned(stream, room);
    }

    /// <summary>Copies from the device, once all that is queued is done.</summary>
    public void Take(AcceleratorStream stream, ArrayView<float> from, Span<float> values)
    {
        PageLockedArray1D<float> room = Room(values.Length);
        from.SubView(0, values.Length).CopyToPinned(stream, room);
        stream.Synchronize();
        Copy(room.Span[..values.Length], values);
    }

    /// <inheritdoc/>
    public void Dispose() => session.Free(_room);

    private static void Copy(ReadOnlySpan<float> from, Span<float> to)
    {
        Door.Needs(to.Length >= from.Length);
        int length = from.Length, chunks = (length + Chunk - 1) / Chunk;
        if (chunks < 2)
        {
            from.CopyTo(to);
            return;
        }

        fixed (float* start = from, target = to)
        {
            (nint source, nint sink) = ((nint)start, (nint)target);
            Parallel.For(0, chunks, i =>
            {
                int first = i * Chunk, count = Math.Min(Chunk, length - first);
                new ReadOnlySpan<float>((float*)source + first, count)
                    .CopyTo(new((float*)sink + first, count));
            });
        }
    }

    private PageLockedArray1D<float> Room(int length)
    {
        if (_room is not null && _room.Length >= length) return _room;
        session.Free(_room);
        _room = null;
        return _room = session.Accelerator.AllocatePageLocked1D<float>(length);
    }
}
