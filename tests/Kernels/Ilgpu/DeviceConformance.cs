using QSim.Kernels.Backends;
using QSim.Kernels.Tests.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>The kernels on ILGPU's debugger, which every machine has.</summary>
public sealed class IlgpuCpuConformance : BackendConformance
{
    protected override IBackend Backend { get; } = BackendList.Find("ilgpu-cpu")!;
}

/// <summary>The kernels as OpenCL C, on the first OpenCL device: PoCL will do.</summary>
public sealed class OpenClConformance : BackendConformance
{
    protected override IBackend Backend { get; } =
        TestDevices.OpenCl("opencl:test", specializes: false);
}

/// <summary>The kernels as PTX, on the first CUDA device: bench/Cuda will do.</summary>
[Trait("Device", "cuda")]
public sealed class CudaConformance : BackendConformance
{
    protected override IBackend Backend { get; } = BackendList.Find("cuda")!;
}
