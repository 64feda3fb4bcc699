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

/// <summary>Average pooling as a profile has it.</summary>
internal sealed record AveragePoolStage
{
    /// <summary>Rounding of the mean.</summary>
    public RoundingMode Rounding { get; init; } = RoundingMode.NearestTiesAway;

    /// <summary>How a sum becomes a mean.</summary>
    public AverageDivision Division { get; init; }

    /// <summary>What every sum is fitted into; null keeps sums exact.</summary>
    public AccumulatorFormat? Accumulator { get; init; }
}
