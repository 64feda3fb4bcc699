using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Maximum over a window; input and output types agree but for the shape.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window; padding never wins.</param>
public sealed record MaxPoolLayer(
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
/// Average over a window: the exact sum of raw values divided by their number, rounded as the layer
/// says, then fitted. Padding is left out of both.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Rounding">Rounding of the quotient.</param>
public sealed record AveragePoolLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    WindowGeometry Geometry,
    RoundingMode Rounding) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => Rounding == RoundingMode.Stochastic;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Rounding;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs) ?? Geometry.WhyNotPool(Input.Shape, Output.Shape);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        long window = (long)Geometry.KernelRows * Geometry.KernelColumns;
        return [new("twice the sum of a window", (ExactRange.Of(Input) * (2 * window)).Bits)];
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        inputs[0].Within(RawRange.Of(Output));
}
