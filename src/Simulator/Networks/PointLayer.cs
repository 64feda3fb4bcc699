using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>A function of each value by itself; hardware clamps, or has a table.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Function">Which function.</param>
/// <param name="A">Its first parameter; 0 where it has none.</param>
/// <param name="B">Its second parameter; 0 where it has none.</param>
internal sealed record PointLayer(
    string Name, ImmutableArray<int> Inputs, PointFunction Function, double A = 0, double B = 0)
    : FloatLayer(Name, Inputs)
{
    /// <summary>The word of each function, in profiles and network files.</summary>
    public static IReadOnlyDictionary<PointFunction, string> Kinds { get; } =
        new Dictionary<PointFunction, string>
        {
            [PointFunction.Clip] = "clip",
            [PointFunction.LeakyRelu] = "leaky_relu",
            [PointFunction.Elu] = "elu",
            [PointFunction.Selu] = "selu",
            [PointFunction.Celu] = "celu",
            [PointFunction.ThresholdedRelu] = "thresholded_relu",
            [PointFunction.HardSigmoid] = "hard_sigmoid",
            [PointFunction.HardSwish] = "hard_swish",
            [PointFunction.Silu] = "silu",
            [PointFunction.Gelu] = "gelu",
            [PointFunction.GeluTanh] = "gelu_tanh",
            [PointFunction.Erf] = "erf",
            [PointFunction.Softplus] = "softplus",
            [PointFunction.Softsign] = "softsign",
            [PointFunction.Mish] = "mish",
            [PointFunction.Abs] = "abs",
            [PointFunction.SquareRoot] = "sqrt",
            [PointFunction.InverseRoot] = "inverse_sqrt",
            [PointFunction.Reciprocal] = "reciprocal",
        };

    /// <summary>How many parameters a function has.</summary>
    public static int CountOf(PointFunction function) => function switch
    {
        PointFunction.Clip or PointFunction.Selu or PointFunction.HardSigmoid => 2,
        PointFunction.LeakyRelu or PointFunction.Elu or PointFunction.Celu
            or PointFunction.ThresholdedRelu or PointFunction.Silu
            or PointFunction.InverseRoot => 1,
        PointFunction.HardSwish or PointFunction.Gelu or PointFunction.GeluTanh
            or PointFunction.Erf or PointFunction.Softplus or PointFunction.Softsign
            or PointFunction.Mish or PointFunction.Abs or PointFunction.SquareRoot
            or PointFunction.Reciprocal => 0,
    };

    /// <summary>
    /// Whether it is a reciprocal that only quotients read
    /// (<see cref="MultiplyLayer.Divides"/>): float32 hardware has the divisor itself there.
    /// </summary>
    public bool IsDivisor { get; init; }

    /// <inheritdoc/>
    public override string Kind => Kinds[Function];

    /// <summary>Whether no value of it is below 0.</summary>
    public bool IsNeverNegative =>
        Function is PointFunction.HardSigmoid or PointFunction.Softplus or PointFunction.Abs
            or PointFunction.SquareRoot or PointFunction.InverseRoot
        || (Function == PointFunction.Clip && A >= 0)
        || (Function == PointFunction.ThresholdedRelu && A >= 0);

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];

    /// <summary>The function of one value.</summary>
    public double Value(double x) => PointFunctions.Value(Function, A, B, x);

    public double Slope(double x) => PointFunctions.Slope(Function, A, B, x);
}
