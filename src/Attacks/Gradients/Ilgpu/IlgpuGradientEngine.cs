using ILGPU.Runtime.Cuda;
using QSim.Attacks.Gradients.Ilgpu.Steps;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// ILGPU's kernels on one device, which backend of the same name it shares with programs.
/// </summary>
/// <param name="device">The device; null for the first GPU, CUDA before OpenCL.</param>
internal sealed class IlgpuGradientEngine(IlgpuBackend? device = null) : IGradientEngine
{
    private readonly Lazy<IlgpuBackend?> _device = new(() => device ?? FirstGpu());

    /// <inheritdoc/>
    public string Name => "ilgpu";

    /// <inheritdoc/>
    public string Description => "float32 on a GPU, through ILGPU; the same bits for any batch";

    /// <inheritdoc/>
    public string? WhyUnavailable => _device.Value is { } found
        ? found.WhyUnavailable
        : "no GPU was found, through CUDA or OpenCL; where there is one, install its maker's "
            + "driver";

    /// <summary>Whether it would run on an NVIDIA GPU.</summary>
    public bool HasCuda => WhyUnavailable is null && _device.Value!.Device is CudaDevice;

    /// <inheritdoc/>
    public string? WhyNot(FloatNetwork network) => WhyUnavailable ?? DeviceSteps.WhyNot(network);

    /// <inheritdoc/>
    public ITrainableModel Create(FloatNetwork network, int threads = 0) =>
        WhyUnavailable is { } reason
            ? throw new NotSupportedException($"{Name}: {reason}")
            : new IlgpuGradientModel(network, Name, _device.Value!.Open(), threads);

    private static IlgpuBackend? FirstGpu()
    {
        IlgpuBackend[] usable = [.. DeviceBackends.FasterThanCpu.OfType<IlgpuBackend>()
            .Where(b => b.WhyUnavailable is null)];
        return usable.FirstOrDefault(b => b.Device is CudaDevice) ?? usable.FirstOrDefault();
    }
}
