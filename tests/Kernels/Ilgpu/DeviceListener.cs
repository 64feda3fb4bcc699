using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>A device with limits and failures, which throws what the drivers throw.</summary>
internal sealed class DeviceListener : IDeviceListener
{
    private readonly List<MemoryBuffer> _buffers = [];

    /// <summary>The largest single allocation that succeeds, in bytes.</summary>
    public long LargestAllocation { get; set; } = long.MaxValue;

    /// <summary>Bytes of all allocations that are not freed, at most.</summary>
    public long Memory { get; set; } = long.MaxValue;

    /// <summary>Layers that are queued before the device is lost.</summary>
    public int LaunchesBeforeLoss { get; set; } = int.MaxValue;

    /// <summary>Allocations refused so far.</summary>
    public int Refused { get; private set; }

    /// <summary>Layers queued so far.</summary>
    public int Launches { get; private set; }

    /// <summary>Allocations so far.</summary>
    public int Allocations => _buffers.Count;

    /// <summary>Allocations of data as large as this, so far.</summary>
    public int Uploads(long bytes) => _buffers.Count(b => b.LengthInBytes == bytes);

    /// <summary>Buffers not freed.</summary>
    public int Live => _buffers.Count(b => !b.IsDisposed);

    /// <summary>Their bytes.</summary>
    public long LiveBytes => _buffers.Where(b => !b.IsDisposed).Sum(b => b.LengthInBytes);

    public void Allocating(long bytes)
    {
        if (bytes <= LargestAllocation && bytes <= Memory - LiveBytes) return;
        Refused++;
        throw new CLException(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE);
    }

    public void Allocated(MemoryBuffer buffer) => _buffers.Add(buffer);

    public void Launching()
    {
        if (Launches++ >= LaunchesBeforeLoss)
            throw new CLException(CLError.CL_INVALID_COMMAND_QUEUE);
    }
}
