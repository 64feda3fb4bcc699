using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>A clamp in raw values: a ReLU that stands alone.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output; as the input's.</param>
/// <param name="Min">Lowest raw value that passes (a ReLU's is the zero point).</param>
/// <param name="Max">Highest raw value that passes.</param>
internal sealed record ClampLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, long Min, long Max)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 1
        || inputs[0].Shape != Output.Shape
        || !inputs[0].HasRangeOf(Output)
            ? "a clamp keeps shape and type"
        : Min > Max || Min > Output.MaxRaw || Max < Output.MinRaw ? "the clamp's range is empty"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        inputs[0].Within(new(Min, Max));
}

/// <summary>The same values under another shape of the same length.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
internal sealed record ReshapeLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count == 1
        && inputs[0].Shape.Length == Output.Shape.Length
        && inputs[0].HasRangeOf(Output)
            ? null
            : "a reshape keeps length and type";

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => inputs[0];
}
