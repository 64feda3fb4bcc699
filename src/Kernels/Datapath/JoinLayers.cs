using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// What brings one input to the scale at which inputs meet: <c>(raw - ZeroPoint) * Factor</c>,
/// then, with a multiplier, <c>RoundingDivideByPOT(SRDHM(value, Multiplier), MultiplierShift)</c>;
/// or a float32 scale instead of both.
/// </summary>
/// <remarks>
/// Fixed point aligns binary points with a power-of-two factor and no multiplier. TFLite's ADD has
/// the factor 2^20 and a multiplier. QNNPACK's has its integer multiplier for a factor. Blittable.
/// </remarks>
/// <param name="ZeroPoint">The input's zero point.</param>
/// <param name="Factor">An exact integer factor.</param>
/// <param name="Multiplier">31 fraction bits; 0 for none.</param>
/// <param name="MultiplierShift">The right shift after the multiplier, 0 or more.</param>
internal readonly record struct InputScaling(
    int ZeroPoint, long Factor, int Multiplier = 0, int MultiplierShift = 0)
{
    /// <summary>The float32 scale in place of factor and multiplier, where it is used.</summary>
    public RealScaling Real { get; init; }

    /// <summary>
    /// The value at the common scale; sets inexact when a rounding dropped a set bit.
    /// </summary>
    public long Apply(long raw, ref ConversionEvents events)
    {
        if (Real.IsUsed != 0) return Real.Of(raw - ZeroPoint, ref events);
        long value = (raw - ZeroPoint) * Factor;
        if (Multiplier == 0) return value;
        long high = Requantizer.HighMultiply(value, Multiplier);
        if (Rounding.IsInexact(value * Multiplier, 31) || Rounding.IsInexact(high, MultiplierShift))
            events |= ConversionEvents.Inexact;
        return MultiplierShift > 0
            ? Rounding.ShiftRight(high, MultiplierShift, RoundingMode.NearestTiesAway)
            : high;
    }

    /// <summary>
    /// What inputs of a type are at the common scale; a multiplier is a fraction, so what it gives
    /// is no wider than what it took.
    /// </summary>
    internal ExactRange Range(TensorType input) => Real.IsUsed != 0
        ? new(Real.Min, Real.Max)
        : (ExactRange.Of(input) + -ZeroPoint) * Factor;

    /// <summary>The exact intermediates, and how wide inputs of a type make them.</summary>
    internal IEnumerable<StageWidth> Widths(TensorType input)
    {
        ExactRange value = Range(input);
        StageWidth scaled = new("an input at the common scale", value.Bits);
        return Multiplier == 0
            ? [scaled]
            :
            [
                scaled,
                new(
                    "an input times its multiplier",
                    RequantizationFacts.RoundedProduct(value, Multiplier, 31).Bits),
            ];
    }
}

/// <summary>
/// The sum of tensors of one shape: exact at the common scale, or of two in float32; then
/// requantized.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor per operand.</param>
/// <param name="Output">Type of the output; the inputs' shape.</param>
/// <param name="Operands">One per input.</param>
/// <param name="Requantization">From the common scale to the output.</param>
internal sealed record AddLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    ImmutableArray<InputScaling> Operands,
    Requantization Requantization) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>
    /// The sum in float32 where it is used: then <see cref="Operands"/> scale nothing, and
    /// <see cref="Requantization"/> clamps and fits.
    /// </summary>
    public RealSum Real { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => Requantization.IsStochastic();

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Requantization.Rounding();

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Any(i => i.Shape != Output.Shape) ? "operands and output must have one shape"
        : Operands.Length != inputs.Count
            ? $"{Operands.Length} scalings for {inputs.Count} inputs"
        : Operands.Any(o => o.MultiplierShift < 0)
            ? "a shift after a multiplier must be 0 or more"
        : Real.IsUsed != 0 && inputs.Count != 2 ? "a sum in float32 is of two tensors"
        : Real.IsUsed != 0 && Requantization is not
        { Kind: RequantizationKind.Shift, Output.Shift: 0, ZeroPoint: 0 }
            ? "a sum in float32 has the output's scale already"
        : Requantization.WhyNot(Output);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        if (Real.IsUsed != 0) yield break;
        ExactRange sum = 0;
        for (int i = 0; i < inputs.Count; i++)
        {
            foreach (StageWidth width in Operands[i].Widths(inputs[i])) yield return width;
            sum += Operands[i].Range(inputs[i]);
        }

        yield return new("the exact sum", sum.Bits);
        foreach (StageWidth width in Requantization.Widths(sum)) yield return width;
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        Requantization.Range(Output);
}

/// <summary>How one input of a <see cref="ConcatLayer"/> becomes output.</summary>
/// <param name="Scaling">Input to the scale from which it is requantized.</param>
/// <param name="Requantization">From there to the output.</param>
internal readonly record struct ConcatPart(InputScaling Scaling, Requantization Requantization);

/// <summary>
/// The channels of several tensors one after the other, each converted to the output's type. With
/// one input: a conversion that stands alone.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor per part.</param>
/// <param name="Output">
/// Type of the output; rows and columns are the inputs', channels their sum.
/// </param>
/// <param name="Parts">One per input.</param>
internal sealed record ConcatLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, ImmutableArray<ConcatPart> Parts)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => Parts.Any(p => p.Requantization.IsStochastic());

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Parts[0].Requantization.Rounding();

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Any(i =>
            (i.Shape.Rows, i.Shape.Columns) != (Output.Shape.Rows, Output.Shape.Columns))
        || inputs.Sum(i => (long)i.Shape.Channels) != Output.Shape.Channels
            ? "rows and columns must agree and channels add up"
        : Parts.Length != inputs.Count ? $"{Parts.Length} parts for {inputs.Count} inputs"
        : Parts.Any(p => p.Scaling.MultiplierShift < 0)
            ? "a shift after a multiplier must be 0 or more"
        : Parts.Select(p => p.Requantization.WhyNot(Output)).FirstOrDefault(p => p is not null);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) =>
        inputs.SelectMany((input, i) => Parts[i].Scaling.Widths(input)
            .Concat(Parts[i].Requantization.Widths(Parts[i].Scaling.Range(input))));

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        Parts.Select(p => p.Requantization.Range(Output)).Aggregate((a, b) => a.Or(b));
}
