using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// The rooms of a model's climbs, which are kept from batch to batch: two, so that one batch comes
/// and goes beside the steps of another. Where memory is short there is one, and it is small.
/// </summary>
/// <param name="session">The device.</param>
/// <param name="pixels">Values of an image.</param>
/// <param name="classes">Logits of an image.</param>
internal sealed class ClimbRooms(DeviceSession session, int pixels, int classes)
    : IDisposable, IKeepsMemory
{
    private const int Most = 2;

    /// <summary>Of the memory that is free; the steps need most of it.</summary>
    private const int Share = 8;

    // Whoever has this waits for nobody: the session's holder may ask for it.
    private readonly object _lock = new();
    private readonly List<ClimbRoom> _free = [];
    private int _used;
    private bool _isAlone;

    /// <summary>A room that is the caller's until it is given back.</summary>
    /// <param name="images">How many images there are; the room may be smaller.</param>
    /// <param name="most">Most images that it may have memory for.</param>
    /// <param name="alone">Whether nobody else is to have one meanwhile.</param>
    /// <exception cref="DeviceException">There is no memory, or no device any more.</exception>
    public ClimbRoom Take(int images, int most = int.MaxValue, bool alone = false)
    {
        ClimbRoom? room = Wait(alone);
        if (room?.Serves(images) == true && room.Capacity <= most) return room;
        try
        {
            lock (session)
            {
                room?.Dispose();
                if (alone) Release();
                if (session.IsClosed) throw DeviceFailures.Gone(session.Name);
                return Create(Math.Min(images, most));
            }
        }
        catch (Exception e)
        {
            Leave(null);
            if (!alone && DeviceFailures.IsOutOfMemory(e)) return Take(images, most, alone: true);
            if (!DeviceFailures.IsDriver(e)) throw;
            lock (session) throw session.Fail(e);
        }
    }

    /// <summary>Gives a room back.</summary>
    public void Give(ClimbRoom room) => Leave(room);

    /// <summary>Frees the rooms that nobody has. Whoever calls holds the session.</summary>
    public void Dispose() => Release();

    /// <inheritdoc/>
    public void Release()
    {
        ClimbRoom[] free;
        lock (_lock)
        {
            free = [.. _free];
            _free.Clear();
        }

        foreach (ClimbRoom room in free) room.Dispose();
    }

    /// <summary>Waits until there may be one more; the largest that is free, if any is.</summary>
    private ClimbRoom? Wait(bool alone)
    {
        lock (_lock)
        {
            while (_isAlone || _used >= (alone ? 1 : Most)) Monitor.Wait(_lock);
            (_used, _isAlone) = (_used + 1, alone);
            ClimbRoom? room = _free.MaxBy(r => r.Capacity);
            if (room is not null) _free.Remove(room);
            return room;
        }
    }

    private void Leave(ClimbRoom? room)
    {
        lock (_lock)
        {
            (_used, _isAlone) = (_used - 1, false);
            if (room is not null) _free.Add(room);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>As large as memory allows.</summary>
    private ClimbRoom Create(int images)
    {
        using KeptMemory.Use use = session.Kept.InUse(this);
        int most = Fitting();
        if (most < images && session.Kept.Release()) most = Fitting();
        for (most = Math.Clamp(most, 1, images); ; most /= 2)
        {
            try
            {
                return new(session, pixels, classes, images, most);
            }
            catch (Exception e) when (DeviceFailures.IsOutOfMemory(e) && most > 1)
            {
            }
        }

        int Fitting() => (int)Math.Min(
            images, session.FreeBytes / Share / ClimbRoom.BytesPerImage(pixels, classes));
    }
}
