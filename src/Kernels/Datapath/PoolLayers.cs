using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Maximum over a window; input and output types agree but for the shape.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window; padding never wins.</param>
internal sealed record MaxPoolLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorType Input,
    WindowGeometry Geometry) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? Geometry.WhyNotPool(Input.Shape, Output.Shape)
        ?? (Input.HasRangeOf(Output) ? null : "a maximum keeps the type");

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => inputs[0];
}

/// <summary>
/// Average over a window: the sum of raw values, made a mean as the unit says, then fitted. Padding
/// is left out; a unit that multiplies by a constant has windows without any.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Unit">Accumulator, division and rounding.</param>
internal sealed record AveragePoolLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    WindowGeometry Geometry,
    AverageUnit Unit) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages =>
        Unit.HasRegister == 0 ? [EventStage.Output] : [EventStage.Accumulator, EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => Unit.Rounding == RoundingMode.Stochastic;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Unit.Rounding;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? Geometry.WhyNotPool(Input.Shape, Output.Shape)
        ?? (Unit.HasFactor && Geometry.HasPadding
            ? "an average by a constant factor has no padding"
            : null)
        ?? (Unit.Multiplier < 0 || Unit.Shift is < 0 or > 62
            ? "the factor of an average is not negative, its shift is 0..62"
            : null)
        ?? (Unit.Reciprocal.Significand != 0 && IsStochastic
            ? "an average in float32 has no stochastic rounding"
            : null)
        ?? (Unit.Real.IsUsed != 0
            && (IsStochastic || Unit.HasFactor || Unit.HasRegister != 0
                || Unit.Real.OutputScale.Significand == 0)
            ? "an average in float32 has neither register nor factor nor stochastic rounding"
            : null)
        ?? (Unit.HasRegister != 0 && Unit.Register.Shift != 0
            ? "the accumulator of an average has the input's binary point"
            : null);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        long window = (long)Geometry.KernelRows * Geometry.KernelColumns;
        ExactRange sum = ExactRange.Of(Input) * (2 * window);
        return Unit.Multiplier == 0
            ? [new("twice the sum of a window", sum.Bits)]
            : [new("the sum of a window times its factor", (sum * Unit.Multiplier).Bits)];
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        !Unit.HasFactor && Unit.IsExactSum
            ? inputs[0].Within(RawRange.Of(Output))
            : RawRange.Of(Output);
}
