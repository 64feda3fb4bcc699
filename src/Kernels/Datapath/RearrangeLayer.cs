using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Values moved, repeated or left out: wires, and what a slice, a transposition, a resize to the
/// nearest neighbour or explicit padding comes to.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output; as the input's but for the shape.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Sources">
/// For each value of the output, by [channel][row][column], the index of the input's; -1 for the
/// zero point.
/// </param>
internal sealed record RearrangeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorType Input,
    ImmutableArray<int> Sources) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    internal override ImmutableArray<LayerTable> Tables =>
        [new("sources", Sources, (l, t) => (RearrangeLayer)l with { Sources = t })];

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? (!Input.HasRangeOf(Output) || Input.ZeroPoint != Output.ZeroPoint
                ? "values that are moved keep their type"
            : Sources.Length != Output.Shape.Length
                ? $"{Sources.Length} sources for {Output.Shape.Length} values"
            : Sources.Any(s => s < -1 || s >= Input.Shape.Length)
                ? "a source is outside the input"
            : null);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        Sources.Contains(-1)
            ? inputs[0].Or(new(Output.ZeroPoint, Output.ZeroPoint))
            : inputs[0];
}
