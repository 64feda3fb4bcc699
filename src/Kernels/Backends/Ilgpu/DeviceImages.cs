using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// Images in a device's memory, 32 bits a value; every program of the session reads them there.
/// </summary>
internal sealed class DeviceImages : ResidentImages
{
    private const int ChunkLength = 1 << 16;

    private readonly MemoryBuffer1D<int, Stride1D.Dense> _buffer;

    private DeviceImages(DeviceSession session, int[] values, int images)
        : base(images, values.Length / images)
    {
        Session = session;
        _buffer = session.Upload(values);
    }

    /// <summary>The session whose device has them.</summary>
    public DeviceSession Session { get; }

    /// <summary>Raw values, [image][channel][row][column].</summary>
    public ArrayView<int> View => _buffer.View;

    /// <summary>
    /// Uploads images, or leaves them on the host where a third of the free memory is too small.
    /// </summary>
    /// <exception cref="DeviceException">The device fails.</exception>
    public static ResidentImages Keep(DeviceSession session, long[] inputs, int images)
    {
        lock (session)
        {
            try
            {
                bool fits = (long)inputs.Length * sizeof(int) <= session.FreeBytes / 3;
                return images > 0 && fits
                    ? new DeviceImages(session, Narrow(inputs), images)
                    : new HostImages(inputs, images);
            }
            catch (Exception e) when (DeviceFailures.IsOutOfMemory(e))
            {
                return new HostImages(inputs, images);
            }
            catch (Exception e) when (DeviceFailures.IsDriver(e))
            {
                throw session.Fail(e);
            }
        }
    }

    /// <summary>On all cores: a device's images are many.</summary>
    private static int[] Narrow(long[] inputs)
    {
        int[] values = GC.AllocateUninitializedArray<int>(inputs.Length);
        int chunks = (inputs.Length + ChunkLength - 1) / ChunkLength;
        Parallel.For(0, chunks, c =>
        {
            int end = Math.Min((c + 1) * ChunkLength, inputs.Length);
            for (int i = c * ChunkLength; i < end; i++) values[i] = (int)inputs[i];
        });
        return values;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (Session) Session.Free(_buffer);
    }
}
