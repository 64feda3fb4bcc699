using System.Runtime.Intrinsics;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>The CPU's vector units on every core; bit for bit what the reference gives.</summary>
public sealed class SimdBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "simd";

    /// <inheritdoc/>
    public string Description =>
        $"the CPU's vector units ({VectorBits} bits) on {Environment.ProcessorCount} cores";

    /// <inheritdoc/>
    public string? WhyUnavailable => null;

    /// <inheritdoc/>
    public string? WhyNot(QuantizedProgram program) => ProgramLimits.WhyNot(program);

    /// <inheritdoc/>
    public IProgramRunner Load(QuantizedProgram program) =>
        WhyNot(program) is { } reason
            ? throw new NotSupportedException(reason)
            : new SimdRunner(program);

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 64;
}
