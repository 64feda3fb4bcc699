using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>Convolution or dense layer: multiply, accumulate, requantize, clamp.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Weights">
/// Raw weights, [output channel][input channel / groups][kernel row][kernel column].
/// </param>
/// <param name="WeightBits">Width of a raw weight, 1..32.</param>
/// <param name="WeightsSigned">Whether weights may be negative.</param>
/// <param name="Bias">
/// Raw bias per output channel, in the accumulator format, zero point folded in where it is.
/// </param>
/// <param name="Mac">The multiply-accumulate unit.</param>
/// <param name="Requantization">One per output channel.</param>
internal sealed record MacLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    WindowGeometry Geometry,
    ImmutableArray<int> Weights,
    int WeightBits,
    bool WeightsSigned,
    ImmutableArray<long> Bias,
    MacSpec Mac,
    ImmutableArray<Requantization> Requantization) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>Products per output: channels / groups * kernel rows * kernel columns.</summary>
    /// <exception cref="SizeException">They are too many.</exception>
    public int Depth => Geometry.Depth(Input.Shape.Channels);

    /// <summary>
    /// Real value of one raw weight step, per output channel; empty when nobody said. Backends
    /// carry it and never compute with it.
    /// </summary>
    public ImmutableArray<double> WeightSteps { get; init; } = [];

    /// <summary>Lanes, ranges and laws, worked out once.</summary>
    public MacFacts Facts => Once(this, static layer => new MacFacts(layer));

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages =>
        Mac.ProductStage == ProductStage.Converted
            ? [EventStage.Product, EventStage.Accumulator, EventStage.Output]
            : [EventStage.Accumulator, EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic =>
        (Mac.ProductStage == ProductStage.Converted && Mac.Product.DrawsRandomBits)
        || Mac.Update.DrawsRandomBits
        || Requantization.Any(r => r.IsStochastic());

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Requantization[0].Rounding();

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? WindowBounds.WhyNot(Geometry, Input.Shape, Output.Shape.Channels)
        ?? WhyNotShapes()
        ?? WhyNotUnit()
        ?? WhyNotValues()
        ?? Requantization.Select(r => r.WhyNot(Output)).FirstOrDefault(p => p is not null);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        StageWidth[] any =
            [.. Requantization.Distinct().SelectMany(r => r.Widths(Facts.Chain.Register))];

        // A walk over all weights, which only a multiplier beside a wide register is worth.
        return Facts.Chain.Widths().Concat(any.All(w => w.Bits <= ProgramLimits.MaxBits)
            ? any
            : Requantization.SelectMany((r, channel) => r.Widths(Facts.Results[channel])));
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        Requantization.Select(r => r.Range(Output)).Aggregate((a, b) => a.Or(b));

    private string? WhyNotShapes()
    {
        TensorShape from = Input.Shape, to = Output.Shape;
        TensorShape shape = new(
            to.Channels, Geometry.OutputRows(from.Rows), Geometry.OutputColumns(from.Columns));
        return from.Channels % Geometry.Groups != 0 || to.Channels % Geometry.Groups != 0
                ? $"channels do not divide into {Geometry.Groups} groups"
            : to != shape ? $"the output is {to} where the window gives {shape}"
            : Weights.Length != (long)to.Channels * Depth
                ? $"{Weights.Length} weights where {to.Channels} x {Depth} are needed"
            : Bias.Length != to.Channels
                ? $"{Bias.Length} biases for {to.Channels} channels"
            : Requantization.Length != to.Channels
                ? $"{Requantization.Length} requantizations for {to.Channels} channels"
            : null;
    }

    private string? WhyNotUnit() =>
        Mac.Lanes < 0 || Mac.Interleave < 1 ? "lanes must be 0 or more and interleave 1 or more"
        : Mac.AccumulatorAlign is < 0 or > 63 || Mac.PartialAlign is < 0 or > 63
            ? "binary points are more than 63 bits apart"
        : SpecChecks.WhyNot("accumulator", Mac.Update)
            ?? (
                Mac.ProductStage == ProductStage.Converted
                    ? SpecChecks.WhyNot("product", Mac.Product)
                    : null
            );

    private string? WhyNotValues()
    {
        if (WeightBits is < 1 or > 32)
            return $"{WeightBits} bits per weight (supported: 1..32)";
        FixedFormat weight = new(WeightBits, 0, WeightsSigned);
        return Weights.Any(w => w < weight.MinRaw || w > weight.MaxRaw)
                ? "a weight is outside its format"
            : Bias.Any(b => b < Mac.Update.Min || b > Mac.Update.Max)
                ? "a bias is outside the accumulator"
            : null;
    }
}
