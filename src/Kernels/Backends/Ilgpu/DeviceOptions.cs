using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>How a device is used.</summary>
/// <param name="Specializes">
/// Whether kernels are compiled for the modes of a layer, or one kernel branches on them: slower to
/// run, and nothing to wait for.
/// </param>
internal sealed record DeviceOptions(bool Specializes)
{
    /// <summary>What multiplies packed bytes; null for the device's fastest.</summary>
    public ByteMultiplier? Multiplier { get; init; }

    /// <summary>Most bytes to count on; null for what the driver says is free.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Whether kernels may compute in double where the device can.</summary>
    public bool AllowsDoubles { get; init; } = true;

    /// <summary>Tests listen here, and throw what a driver would; null for nobody.</summary>
    public IDeviceListener? Listener { get; init; }
}

/// <summary>Is told what a device is asked to do.</summary>
internal interface IDeviceListener
{
    /// <summary>Before memory is allocated.</summary>
    void Allocating(long bytes);

    /// <summary>After memory was allocated.</summary>
    void Allocated(MemoryBuffer buffer);

    /// <summary>Before a layer is queued.</summary>
    void Launching();
}
