using System.Collections.Immutable;
using System.Globalization;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>What a device says of itself, for whoever reads a measurement later.</summary>
internal static class DeviceFacts
{
    private const double Mebi = 1024.0 * 1024;

    /// <summary>Facts by what they are.</summary>
    public static IReadOnlyDictionary<string, string> Of(Device device)
    {
        var facts = ImmutableSortedDictionary.CreateBuilder<string, string>();
        facts["name"] = device.Name;
        facts["memory"] = Text($"{device.MemorySize / Mebi:F0} MiB");
        facts["multiprocessors"] = Text($"{device.NumMultiprocessors}");
        if (device is CudaDevice cuda) Add(facts, cuda);
        if (device is CLDevice opencl)
        {
            facts["driver"] = $"{opencl.PlatformName}, {opencl.PlatformVersion}";
            facts["version"] = $"{opencl.DeviceVersion}";
            facts["clock"] = Text($"{opencl.ClockRate} MHz");
        }

        return facts.ToImmutable();
    }

    private static void Add(IDictionary<string, string> facts, CudaDevice cuda)
    {
        facts["compute capability"] = $"{cuda.Architecture}";
        facts["cuda"] = $"{cuda.DriverVersion}";
        facts["clock, highest"] = Text($"{cuda.ClockRate} MHz");
        facts["memory clock, highest"] = Text($"{cuda.MemoryClockRate} MHz");
        facts["memory bus"] = Text($"{cuda.MemoryBusWidth} bits");
        facts["L2 cache"] = Text($"{cuda.L2CacheSize / Mebi:F0} MiB");
        foreach ((string what, string value) in NvidiaManagement.Facts(
            $"{cuda.PCIDomainId:X8}:{cuda.PCIBusId:X2}:{cuda.PCIDeviceId:X2}.0"))
            facts[what] = value;
    }

    private static string Text(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
