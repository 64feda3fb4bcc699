using ILGPU;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Kernels.Bench.Ilgpu;

/// <summary>
/// The first OpenCL device, with the generic address space claimed on its behalf: PoCL has it and
/// does not say so. For interest only; what QSim itself lists, it runs unaided.
/// </summary>
internal static class PoclDevice
{
    public static IBackend? Find()
    {
        using var context = Context.Create(b => b.OpenCL(_ => true));
        if (context.Devices.OfType<CLDevice>().FirstOrDefault() is not { } device) return null;
        typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))!
            .GetSetMethod(nonPublic: true)!.Invoke(device.Capabilities, [true]);
        return new IlgpuBackend("pocl", device, new(Specializes: true));
    }
}
