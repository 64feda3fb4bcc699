using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Runner.Tests.Studies.Ilgpu;

/// <summary>A device that reports errors from some request on, as its driver would.</summary>
internal sealed class FailingDevice : IDeviceListener
{
    /// <summary>Allocations so far.</summary>
    public int Allocations { get; private set; }

    /// <summary>Layers queued so far.</summary>
    public int Launches { get; private set; }

    /// <summary>How many allocations are granted.</summary>
    public int MostAllocations { get; set; } = int.MaxValue;

    /// <summary>How many layers are queued before it is lost.</summary>
    public int MostLaunches { get; set; } = int.MaxValue;

    public void Allocating(long bytes)
    {
        if (Allocations++ >= MostAllocations)
            throw new CLException(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE);
    }

    public void Allocated(MemoryBuffer buffer)
    {
    }

    public void Launching()
    {
        if (Launches++ >= MostLaunches) throw new CLException(CLError.CL_INVALID_COMMAND_QUEUE);
    }
}
