using QSim.Kernels.Arithmetic;

namespace QSim.Simulator.Profiles;

/// <summary>What stands for the division by the number of values.</summary>
internal enum AverageDivision
{
    /// <summary>The division itself, rounded.</summary>
    Exact,

    /// <summary>AMD's DPU: a constant factor and a shift for each window.</summary>
    Dpu,

    /// <summary>
    /// FINN's QuantAvgPool2d: the sum without the bits by which it is wider than the output; the
    /// output's scale takes what is left of the division.
    /// </summary>
    Shift,

    /// <summary>Gemmini: the sum times the float32 reciprocal of the window's size.</summary>
    Reciprocal,

    /// <summary>
    /// ONNX Runtime: real values summed, divided and scaled in float32, rounded once to even.
    /// </summary>
    Float32,
}

/// <summary>How the mean of an image, TensorFlow Lite's MEAN, comes to its own scale.</summary>
internal enum MeanKind
{
    /// <summary>
    /// The sum, by the requantization; with two roundings as TensorFlow Lite's reference kernel has
    /// it, the count taken into the multiplier afterwards.
    /// </summary>
    Requantize,

    /// <summary>
    /// The same, but where dimensions are kept LiteRT's optimized kernel: one multiplier of scales
    /// and count, and zero points rounded by themselves.
    /// </summary>
    Litert,

    /// <summary>XNNPACK's: by a float32 number, zero points added ahead of one rounding.</summary>
    Xnnpack,
}

/// <summary>Average pooling as a profile has it.</summary>
internal sealed record AveragePoolStage
{
    /// <summary>Rounding of the mean.</summary>
    public RoundingMode Rounding { get; init; } = RoundingMode.NearestTiesAway;

    /// <summary>How a sum becomes a mean.</summary>
    public AverageDivision Division { get; init; }

    /// <summary>How a mean with a scale of its own is made.</summary>
    public MeanKind Mean { get; init; }

    /// <summary>What every sum is fitted into; null keeps sums exact.</summary>
    public AccumulatorFormat? Accumulator { get; init; }
}
