using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// The rooms of a model's climbs, which are kept from batch to batch: two, so that one batch comes
/// and goes beside the steps of another. Where memory is short there is one, or they are small.
/// </summary>
/// <param name="session">The device.</param>
/// <param name="pixels">Values of an image.</param>
/// <param name="classes">Logits of an image.</param>
internal sealed class ClimbRooms(DeviceSession session, int pixels, int classes) : IDisposable
{
    private const int Most = 2;

    // Whoever has this waits for nobody: the session's holder may ask for it.
    private readonly object _lock = new();
    private readonly List<ClimbRoom> _free = [];
    private int _count;

    /// <summary>A room that is the caller's until it is given back.</summary>
    /// <param name="images">How many images there are; the room may be smaller.</param>
    /// <exception cref="DeviceException">There is no memory, or no device any more.</exception>
    public ClimbRoom Take(int images)
    {
        int most = Most;
        while (true)
        {
            ClimbRoom? room = null;
            lock (_lock)
            {
                while (_free.Count == 0 && _count >= most) Monitor.Wait(_lock);
                if (_free.Count == 0) _count++;
                else
                {
                    room = _free.MaxBy(r => r.Capacity)!;
                    _free.Remove(room);
                }
            }

            if (room?.Capacity >= ClimbRoom.Wanted(pixels, images)) return room;
            try
            {
                lock (session)
                {
                    room?.Dispose();
                    if (session.IsClosed) throw DeviceFailures.Gone(session.Name);
                    return Create(images);
                }
            }
            catch (Exception e)
            {
                lock (_lock)
                {
                    most = --_count;
                    Monitor.Pulse(_lock);
                }

                // Somebody else's will be free.
                if (most > 0 && DeviceFailures.IsOutOfMemory(e)) continue;
                if (!DeviceFailures.IsDriver(e)) throw;
                lock (session) throw session.Fail(e);
            }
        }
    }

    /// <summary>Gives a room back.</summary>
    public void Give(ClimbRoom room)
    {
        lock (_lock)
        {
            _free.Add(room);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Frees the rooms that nobody has. Whoever calls holds the session.</summary>
    public void Dispose()
    {
        ClimbRoom[] free;
        lock (_lock)
        {
            free = [.. _free];
            _free.Clear();
            _count -= free.Length;
            Monitor.PulseAll(_lock);
        }

        foreach (ClimbRoom room in free) room.Dispose();
    }

    /// <summary>Halves what is wanted until it fits.</summary>
    private ClimbRoom Create(int images)
    {
        while (true)
        {
            try
            {
                return new(session, pixels, classes, images);
            }
            catch (Exception e) when (DeviceFailures.IsOutOfMemory(e) && images > 1)
            {
                images = ClimbRoom.Wanted(pixels, images) / 2;
            }
        }
    }
}
