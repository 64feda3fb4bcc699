using QSim.Attacks.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// A model's climbs on a device. Batches come from several threads: each is brought and taken back
/// by its own, and holds the session for its steps alone. Where memory is short it first goes on
/// with fewer images at a time, then without other batches beside it, then with a smaller room.
/// </summary>
/// <param name="pass">The network on the device.</param>
/// <param name="session">The device.</param>
internal sealed class DeviceClimber(DevicePass pass, DeviceSession session) : IDisposable
{
    private readonly ClimbRooms _rooms = new(session, pass.Pixels, pass.Classes);
    private DeviceClimb? _climb;

    /// <summary>Makes the steps.</summary>
    /// <exception cref="DeviceException">
    /// The device fails, or has no memory for one image.
    /// </exception>
    public void Make(
        Climb climb, ClimbImages images, Simulation? hardware, CancellationToken cancellation)
    {
        var task = new ClimbTask(
            climb, images, hardware,
            session.HasDoubles ? null : new(images.Originals, pass.Pixels, climb.Budget),
            cancellation);
        int count = images.Labels.Length, most = int.MaxValue;
        bool isAlone = false;
        for (int first = 0; first < count;)
        {
            ClimbRoom room = _rooms.Take(count - first, most, isAlone);
            try
            {
                int size = Math.Min(room.Capacity, count - first);
                if (TryMake(task, room, first, size, mustFit: isAlone && size == 1))
                    first += size;
                else if (isAlone) most = size / 2;
                else isAlone = true;
            }
            finally
            {
                _rooms.Give(room);
            }
        }
    }

    /// <summary>Frees all memory. Whoever calls holds the session.</summary>
    public void Dispose()
    {
        _climb?.Dispose();
        _rooms.Dispose();
    }

    /// <summary>Some images, as many at a time as fit.</summary>
    private bool TryMake(ClimbTask task, ClimbRoom room, int first, int size, bool mustFit)
    {
        for (int most = size; most > 0; most = ImageBlocks.For(most) / 2 * ImageBlocks.Lanes)
        {
            int asked = most;

            // What did not fit may have been begun.
            session.Beside(() => room.Bring(task.Images, task.Bounds, first, size));
            if (!session.Hold(() => TryStep(task, room, size, asked, mustFit))) continue;
            session.Beside(() => room.Take(task.Images, first, size));
            return true;
        }

        return false;
    }

    private bool TryStep(ClimbTask task, ClimbRoom room, int count, int most, bool mustFit)
    {
        using KeptMemory.Use passUse = session.Kept.InUse(pass);
        try
        {
            if (_climb?.Serves(task.Hardware, count) != true)
            {
                _climb?.Dispose();
                _climb = new(pass, session, task.Hardware, count, most);
            }

            using KeptMemory.Use use = session.Kept.InUse(_climb);
            _climb.Run(task.Climb, room, count, task.Cancellation);
            return true;
        }
        catch (Exception e) when (DeviceFailures.IsOutOfMemory(e) && !mustFit)
        {
            _climb?.Dispose();
            pass.Release();
            return false;
        }
    }

    /// <summary>What is asked for.</summary>
    private sealed record ClimbTask(
        Climb Climb, ClimbImages Images, Simulation? Hardware, PixelBounds? Bounds,
        CancellationToken Cancellation);
}
