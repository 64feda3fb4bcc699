using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>The mean of float32 numbers over a window (<see cref="FloatMean"/>).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Shape of the tensor read.</param>
/// <param name="Geometry">The window; padding does not count.</param>
/// <param name="Order">In which order it sums.</param>
internal sealed record FloatAverageLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorShape Input,
    WindowGeometry Geometry, FloatSum Order) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>What it does with each window.</summary>
    public FloatMean Mean => FloatMean.Of(Order, Geometry, Input, Output.Shape);

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers.Shape != Input || !Output.IsFloat32
            ? "takes means of a tensor of float32 numbers"
        : Geometry.WhyNotPool(Input, Output.Shape)
        ?? (Order is FloatSum.Rows or FloatSum.Columns or FloatSum.Fours || IsWhole
            ? null
            : "a sum of a whole channel has a window as large as that");

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(Output, inputs[0].Low < 0, inputs[0].High > 0);

    private bool IsWhole => Geometry with { StrideRows = 1, StrideColumns = 1 }
        == new WindowGeometry(Input.Rows, Input.Columns);
}

/// <summary>The product of two tensors of float32 numbers, rounded to float32.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors.</param>
/// <param name="Output">The inputs' shape.</param>
internal sealed record FloatMultiplyLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <summary>The product of two numbers.</summary>
    public static long Product(long first, long second) => OrderedFloat.Of(Binary32.Multiply(
        OrderedFloat.Number(first), OrderedFloat.Number(second)));

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 2 || inputs.Append(Output).Any(t => !t.IsFloat32)
        || inputs.Any(i => i.Shape != Output.Shape)
            ? "multiplies two tensors of float32 numbers of one shape"
            : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(Output, inputs.Any(i => i.Low < 0), true);
}

/// <summary>A function of each float32 number (<see cref="FloatFunctions"/>).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">The input's shape.</param>
/// <param name="Function">Which.</param>
/// <param name="A">Its first parameter, as <see cref="OrderedFloat"/> has it.</param>
/// <param name="B">Its second.</param>
internal sealed record FloatPointLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, FloatFunction Function, int A = 0,
    int B = 0) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers != Output
            ? "is a function of float32 numbers and keeps their shape"
        : Math.Max(Math.Abs((long)A), Math.Abs((long)B)) > OrderedFloat.Largest
            ? "a parameter is not a finite number"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(
            Output,
            Function switch
            {
                FloatFunction.Sigmoid or FloatFunction.HardSigmoid => false,
                FloatFunction.SquareRoot => inputs[0].Low < 0,
                FloatFunction.Elu or FloatFunction.LeakyRelu => A < 0 || inputs[0].Low < 0,
                FloatFunction.Tanh or FloatFunction.Erf or FloatFunction.Gelu
                    or FloatFunction.GeluTanh => inputs[0].Low < 0,
            },
            true);
}

/// <summary>What layers of float32 numbers can write: which signs, and that exactly.</summary>
internal static class FloatLayerRanges
{
    /// <summary>Numbers of these signs, and 0.</summary>
    public static RawRange Of(TensorType type, bool canBeNegative, bool canBePositive) => new(
        canBeNegative ? type.MinRaw : 0, canBePositive ? type.MaxRaw : 0);
}
