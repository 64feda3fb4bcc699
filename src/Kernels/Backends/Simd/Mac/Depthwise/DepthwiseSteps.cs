namespace QSim.Kernels.Backends.Simd.Mac.Depthwise;

/// <summary>How 32-bit accumulators of a depthwise layer run.</summary>
/// <param name="WeightShift">Left shift of every weight.</param>
/// <param name="First">Where a channel starts.</param>
/// <param name="Last">What it takes last.</param>
/// <param name="Lowest">The range, where it saturates.</param>
/// <param name="Highest">The range, where it saturates.</param>
internal sealed record DepthwiseSteps(
    int WeightShift, Func<int, long> First, Func<int, long> Last, int Lowest, int Highest);
