using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>The one list of backends, fastest last; tests, benchmarks and the command line read it.</summary>
public static class BackendList
{
    /// <summary>Every backend that QSim knows, usable here or not.</summary>
    public static IReadOnlyList<IBackend> All { get; } = [new Reference.ReferenceBackend(), new Simd.SimdBackend()];

    /// <summary>The fastest usable backend that can run the program.</summary>
    public static IBackend Best(QuantizedProgram program) =>
        All.Last(b => b.WhyUnavailable is null && b.WhyNot(program) is null);
}
