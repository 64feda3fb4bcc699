using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>One device that ILGPU compiles kernels for.</summary>
/// <param name="name">What a user types.</param>
/// <param name="device">The device.</param>
/// <param name="options">How it is used.</param>
internal sealed class IlgpuBackend(string name, Device device, DeviceOptions options) : IBackend
{
    public Device Device => device;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description =>
        device switch
        {
            CPUDevice => "ILGPU's debugger for kernels, on the CPU; slow",
            CudaDevice cuda =>
                $"{cuda.Name}, {Memory}, compute capability {cuda.Architecture}{Lacking(cuda)}",
            _ => $"{device.Name}, {Memory}, OpenCL",
        };

    /// <inheritdoc/>
    public string? WhyUnavailable => device is CLDevice { Capabilities.GenericAddressSpace: false }
        ? "its driver lacks OpenCL's generic address space, which ILGPU's kernels need"
        : null;

    private string Memory => $"{device.MemorySize / (1024.0 * 1024 * 1024):0.#} GiB";

    /// <inheritdoc/>
    public string? WhyNot(QuantizedProgram program) =>
        WhyUnavailable ?? ProgramLimits.WhyNot(program) ?? UnknownLayer(program);

    /// <inheritdoc/>
    public IProgramRunner Load(QuantizedProgram program) =>
        WhyNot(program) is { } reason
            ? throw new NotSupportedException(reason)
            : new IlgpuRunner(program, Open());

    /// <summary>The device in use, with everything else that is on it.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public DeviceSession Open() => DeviceSession.Open(name, device, options);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Facts => DeviceFacts.Of(device);

    /// <inheritdoc/>
    public IBackend Apart(int worker) => new IlgpuBackend($"{name}#{worker}", device, options);

    /// <inheritdoc/>
    public bool HasOwnMemory => true;

    /// <inheritdoc/>
    public ResidentImages Keep(RawImages images) => DeviceImages.Keep(Open(), images);

    private static string Lacking(CudaDevice cuda) =>
        ByteMultipliers.Of(cuda) switch
        {
            ByteMultiplier.Portable =>
                ", lacks dp4a and tensor cores for bytes: 8-bit layers are slower",
            ByteMultiplier.Dp4a =>
                ", lacks mma.m16n8k32 (compute capability 8.0): 8-bit layers go through dp4a",
            ByteMultiplier.TensorCores => "",
        };

    private static string? UnknownLayer(QuantizedProgram program) =>
        program.Layers.FirstOrDefault(l => !DeviceLayers.Knows(l)) is { } layer
            ? $"layer '{layer.Name}' is of a type that no kernel is written for"
            : null;
}
