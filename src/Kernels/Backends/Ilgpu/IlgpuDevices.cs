using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// The devices of this machine, one backend each, or rows that say why there is none.
/// </summary>
internal static class IlgpuDevices
{
    private static readonly IBackend[] OpenCl = Numbered<CLDevice>(
        "opencl", b => b.OpenCL(_ => true));
    private static readonly IBackend[] Cuda = Numbered<CudaDevice>("cuda", b => b.Cuda(_ => true));

    /// <summary>Devices that are CPUs: the SIMD backend is faster there.</summary>
    public static IEnumerable<IBackend> SlowerThanCpu =>
        [
            new IlgpuBackend("ilgpu-cpu", CPUDevice.Default, new(Specializes: false)),
            .. OpenCl.Where(IsCpu),
        ];

    /// <summary>GPUs.</summary>
    public static IEnumerable<IBackend> FasterThanCpu =>
        [.. OrMissing(OpenCl, NoOpenCl).Where(b => !IsCpu(b)), .. OrMissing(Cuda, NoCuda)];

    private static UnavailableBackend NoOpenCl =>
        new(
            "opencl",
            "GPUs through OpenCL",
            "no OpenCL device was found; install the driver of the GPU's maker and the OpenCL "
                + "loader, libOpenCL"
        );

    private static UnavailableBackend NoCuda =>
        new(
            "cuda", "NVIDIA GPUs through CUDA",
            "no CUDA device was found; where there is one, install NVIDIA's driver");

    private static IBackend[] OrMissing(IBackend[] rows, IBackend missing) =>
        rows.Length > 0 ? rows : [missing];

    private static bool IsCpu(IBackend row) =>
        row is IlgpuBackend { Device: CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_CPU } };

    /// <summary>A driver that is missing or broken leaves no devices, which is an answer.</summary>
    private static IBackend[] Numbered<T>(string family, Action<Context.Builder> register)
        where T : Device
    {
        try
        {
            using var context = Context.Create(register);
            return [.. context.Devices.OfType<T>().Select(
                (d, index) => new IlgpuBackend($"{family}:{index}", d, new(Specializes: true)))];
        }
        catch (Exception e)
            when (e is AcceleratorException or DllNotFoundException or NotSupportedException)
        {
            return [];
        }
    }
}
