using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// Memory of the host that a device reads and writes by itself, which ordinary memory goes through
/// on its way. It has two halves: while one is copied, all cores are at the other. Whoever calls
/// holds the session.
/// </summary>
internal sealed unsafe class Staging(DeviceSession session)
{
    /// <summary>Values of a half, unless a row has more.</summary>
    public const int Half = 1 << 22;

    private const int Part = 1 << 16;

    private readonly PageLockedArray1D<int>?[] _halves = [null, null];

    /// <summary>Copies to the device, once all that is queued is done.</summary>
    public void Bring(AcceleratorStream stream, ReadOnlySpan<float> values, ArrayView<float> to)
    {
        fixed (float* source = values)
        {
            nint from = (nint)source;
            Fill(stream, values.Length, 1, to.Cast<int>(), (first, room) =>
                new ReadOnlySpan<int>((int*)from + first, room.Length).CopyTo(room));
        }
    }

    /// <summary>
    /// Fills memory of the device, once all that is queued is done, with what all cores make.
    /// </summary>
    /// <param name="stream">Where copies queue.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="length">Values of a row.</param>
    /// <param name="to">Filled, row behind row.</param>
    /// <param name="make">Told the first row, fills it and those behind that have room.</param>
    public void Fill(
        AcceleratorStream stream, int count, int length, ArrayView<int> to,
        Action<int, Span<int>> make)
    {
        int most = Math.Max(1, Half / length);
        for (int first = 0, turn = 0; first < count; first += most, turn ^= 1)
        {
            int rows = Math.Min(most, count - first);
            PageLockedArray1D<int> room = Room(turn, rows * length);
            InParts(room.Span, rows, length, first, make);
            stream.Synchronize();
            to.SubView((long)first * length, rows * length).CopyFromPinned(stream, room);
        }

        stream.Synchronize();
    }

    /// <summary>Copies from the device, once all that is queued is done.</summary>
    public void Take(AcceleratorStream stream, ArrayView<float> from, Span<float> values)
    {
        ArrayView<int> source = from.Cast<int>();
        int length = values.Length;
        fixed (float* target = values)
        {
            nint to = (nint)target;
            Queue(0, 0);
            for (int first = 0, turn = 0; first < length; first += Half, turn ^= 1)
            {
                stream.Synchronize();
                Queue(first + Half, turn ^ 1);
                InParts(_halves[turn]!.Span, Math.Min(Half, length - first), 1, first,
                    (at, room) => room.CopyTo(new Span<int>((int*)to + at, room.Length)));
            }
        }

        void Queue(int first, int turn)
        {
            int size = Math.Min(Half, length - first);
            if (size > 0) source.SubView(first, size).CopyToPinned(stream, Room(turn, size));
        }
    }

    /// <summary>Work on the first rows of a room, on all cores where it has many parts.</summary>
    private static void InParts(
        Span<int> room, int rows, int length, int first, Action<int, Span<int>> work)
    {
        int most = Math.Max(1, Part / length), parts = (rows + most - 1) / most;
        if (parts < 2)
        {
            work(first, room[..(rows * length)]);
            return;
        }

        Door.Needs(room.Length >= rows * length);
        fixed (int* start = room)
        {
            nint all = (nint)start;
            Parallel.For(0, parts, i =>
            {
                int begin = i * most, size = Math.Min(most, rows - begin);
                work(first + begin, new((int*)all + (begin * length), size * length));
            });
        }
    }

    private PageLockedArray1D<int> Room(int half, int length)
    {
        if (_halves[half] is { } room && room.Length >= length) return room;
        session.Free(_halves[half]);
        _halves[half] = null;
        return _halves[half] = session.AllocatePinned(length);
    }
}
