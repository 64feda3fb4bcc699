using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// The product of two tensors of one shape, value by value: exact, zero points subtracted before,
/// then requantized. A gate, as in squeeze-and-excitation.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors.</param>
/// <param name="Output">Type of the output; the inputs' shape.</param>
/// <param name="ZeroPoints">Those of the inputs.</param>
/// <param name="Requantization">From the exact product to the output.</param>
internal sealed record MultiplyLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output,
    (int First, int Second) ZeroPoints, Requantization Requantization)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => Requantization.IsStochastic();

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Requantization.Rounding();

    /// <summary>The exact product of two raw values.</summary>
    public long Product(long first, long second) =>
        (first - ZeroPoints.First) * (second - ZeroPoints.Second);

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 2 || inputs.Any(i => i.Shape != Output.Shape)
            ? "a product takes two tensors of one shape and keeps it"
        : inputs[0].ZeroPoint != ZeroPoints.First || inputs[1].ZeroPoint != ZeroPoints.Second
            ? "the zero points are not the inputs'"
        : Requantization.WhyNot(Output);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        ExactRange product = Range(inputs);
        return
        [
            new("the exact product", product.Bits), .. Requantization.Widths(product),
        ];
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        Requantization.Range(Output);

    private ExactRange Range(IReadOnlyList<TensorType> inputs) =>
        (ExactRange.Of(inputs[0]) + -ZeroPoints.First)
        * (ExactRange.Of(inputs[1]) + -ZeroPoints.Second);
}
