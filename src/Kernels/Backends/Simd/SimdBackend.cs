using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using QSim.Kernels.Backends.Simd.Mac;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>The CPU's vector units on every core; bit for bit what the reference gives.</summary>
/// <param name="row">
/// The one of <see cref="Rows"/> that runs every layer which it takes; null for the best of each.
/// </param>
internal sealed class SimdBackend(string? row = null) : IBackend
{
    /// <summary>
    /// The loops for multiply-accumulate layers, in order of preference, and what each does.
    /// </summary>
    public static ImmutableArray<(string Name, string Summary)> Rows { get; } =
        [.. SimdRows.All.Select(r => (r.Name, r.Summary))];

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
            : new SimdRunner(program, row);

    /// <summary>What runs each layer: a row, or a loop of another layer type.</summary>
    public ImmutableArray<string> LoopsOf(QuantizedProgram program) =>
        [.. new SimdProgram(program, row).StepNames];

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 64;
}
