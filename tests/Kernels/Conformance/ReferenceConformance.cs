using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;

namespace QSim.Kernels.Tests.Conformance;

/// <summary>
/// The reference against itself: what is left to check is batches, threads and refusals.
/// </summary>
public sealed class ReferenceConformance : BackendConformance
{
    protected override IBackend Backend { get; } = new ReferenceBackend();
}
