using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Tests.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>The vector backend on whatever vector units the process sees.</summary>
public sealed class SimdConformance : BackendConformance
{
    protected override IBackend Backend { get; } = new SimdBackend();
}
