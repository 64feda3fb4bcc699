using System.Buffers;
using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// Images in a device's memory, 32 bits a value; every program of the session reads them there.
/// </summary>
internal sealed class DeviceImages : ResidentImages
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _buffer;

    private DeviceImages(DeviceSession session, RawImages images)
        : base(images.Count, images.Length)
    {
        Session = session;
        _buffer = session.Allocate<int>((long)images.Count * images.Length);
        try
        {
            session.Staging.Fill(
                session.Accelerator.DefaultStream, images.Count, images.Length, _buffer.View,
                (first, room) => Narrow(images, first, room));
        }
        catch
        {
            session.Free(_buffer);
            throw;
        }
    }

    /// <summary>The session whose device has them.</summary>
    public DeviceSession Session { get; }

    /// <summary>Raw values, [image][channel][row][column].</summary>
    public ArrayView<int> View => _buffer.View;

    /// <summary>
    /// Uploads images, or leaves them on the host where a third of the free memory is too small.
    /// </summary>
    /// <exception cref="DeviceException">The device fails.</exception>
    public static ResidentImages Keep(DeviceSession session, RawImages images)
    {
        lock (session)
        {
            try
            {
                long bytes = (long)images.Count * images.Length * sizeof(int);
                bool fits = bytes <= session.FreeBytes / 3
                    || (session.Kept.Release() && bytes <= session.FreeBytes / 3);
                return images.Count > 0 && fits
                    ? new DeviceImages(session, images)
                    : HostImages.Of(images);
            }
            catch (Exception e) when (DeviceFailures.IsOutOfMemory(e))
            {
                return HostImages.Of(images);
            }
            catch (Exception e) when (DeviceFailures.IsDriver(e))
            {
                throw session.Fail(e);
            }
        }
    }

    private static void Narrow(RawImages images, int first, Span<int> room)
    {
        int length = images.Length;
        long[] image = ArrayPool<long>.Shared.Rent(length);
        for (int i = 0; i < room.Length / length; i++)
        {
            images.Read(first + i, image.AsSpan(0, length));
            Span<int> values = room.Slice(i * length, length);
            for (int j = 0; j < values.Length; j++) values[j] = (int)image[j];
        }

        ArrayPool<long>.Shared.Return(image);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (Session) Session.Free(_buffer);
    }
}
