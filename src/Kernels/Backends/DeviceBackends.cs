namespace QSim.Kernels.Backends;

/// <summary>
/// The rows of <see cref="BackendList"/> that run on devices, or say why none does.
/// </summary>
internal static class DeviceBackends
{
#if ILGPU
    /// <summary>Rows that the CPU's own backends beat.</summary>
    public static IEnumerable<IBackend> SlowerThanCpu => Ilgpu.IlgpuDevices.SlowerThanCpu;

    /// <summary>Rows that beat the CPU.</summary>
    public static IEnumerable<IBackend> FasterThanCpu => Ilgpu.IlgpuDevices.FasterThanCpu;
#else
    private const string NotBuiltIn =
        "this build has no ILGPU, which its package sources did not serve or -p:Ilgpu=false left "
            + "out; build again where they do, or with -p:Ilgpu=true to see what restore says";

    /// <summary>Rows that the CPU's own backends beat.</summary>
    public static IEnumerable<IBackend> SlowerThanCpu =>
        [
            new UnavailableBackend(
                "ilgpu-cpu", "ILGPU's debugger for kernels, on the CPU", NotBuiltIn),
        ];

    /// <summary>Rows that beat the CPU.</summary>
    public static IEnumerable<IBackend> FasterThanCpu =>
    [
        new UnavailableBackend("opencl", "GPUs through OpenCL", NotBuiltIn),
        new UnavailableBackend("cuda", "NVIDIA GPUs through CUDA", NotBuiltIn),
    ];
#endif
}
