using System.Reflection;
using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Devices as tests use them.</summary>
internal static class TestDevices
{
    /// <summary>
    /// The first OpenCL device, or the row that says why there is none. PoCL does not claim the
    /// generic address space and yet runs our kernels, so for a test it is claimed on its behalf;
    /// ILGPU has no public way to.
    /// </summary>
    public static IBackend OpenCl(string name, bool specializes, ByteMultiplier? multiplier = null)
    {
        if (BackendList.Find("opencl") is UnavailableBackend missing) return missing;
        using var context = Context.Create(b => b.OpenCL(_ => true));
        var device = context.Devices.OfType<CLDevice>().First();
        PropertyInfo claim = typeof(CLCapabilityContext).GetProperty(
            nameof(CLCapabilityContext.GenericAddressSpace))!;
        claim.GetSetMethod(nonPublic: true)!.Invoke(device.Capabilities, [true]);
        return new IlgpuBackend(name, device, new(specializes) { Multiplier = multiplier });
    }

    /// <summary>
    /// ILGPU's debugger with room for the groups of the tile kernel: 4 warps of 32 lanes.
    /// </summary>
    public static IBackend Cpu(string name, ByteMultiplier multiplier) =>
        new IlgpuBackend(
            name, new CPUDevice(32, 4, 1), new(Specializes: false) { Multiplier = multiplier });

    /// <summary>ILGPU's debugger with little memory, or with somebody who listens.</summary>
    public static IBackend Cpu(
        string name, long? memoryLimit = null, IDeviceListener? listener = null) =>
        new IlgpuBackend(
            name,
            CPUDevice.Default,
            new(Specializes: false) { MemoryLimit = memoryLimit, Listener = listener });
}
