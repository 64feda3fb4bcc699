using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>How a float32 number meets its channel's factor.</summary>
internal enum FloatScaling
{
    /// <summary>A product, rounded.</summary>
    Product,

    /// <summary>A quotient, rounded, which the product with a reciprocal is not.</summary>
    Quotient,
}

/// <summary>
/// Effectively computes <c>y = round(round(x * factor) + shift)</c> in float32, or with a quotient,
/// factors and shifts one per channel: constants that are multiplied and added, batch norms that
/// were not folded.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">The input's shape.</param>
/// <param name="Scaling">Whether it multiplies or divides.</param>
/// <param name="Factors">One per channel, as <see cref="OrderedFloat"/> has them.</param>
/// <param name="Shifts">Likewise.</param>
internal sealed record FloatAffineLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, FloatScaling Scaling,
    ImmutableArray<int> Factors, ImmutableArray<int> Shifts) : ProgramLayer(Name, Inputs, Output)
{
    private const int One = 0x3F800000;

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <summary>
    /// One number's value; a factor of 1 and a shift of 0 leave it as it is, however small.
    /// </summary>
    public static long Value(FloatScaling scaling, int factor, int shift, long x)
    {
        long scaled = x == 0 || factor == One ? x
            : scaling == FloatScaling.Product ? FloatMultiplyLayer.Product(x, factor)
            : OrderedFloat.Of(
                Binary32.Divide(OrderedFloat.Number(x), OrderedFloat.Number(factor)));
        return FloatAddLayer.Sum(scaled, shift);
    }

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers != Output
            ? "scales float32 numbers and keeps their shape"
        : Factors.Length != Output.Shape.Channels || Shifts.Length != Output.Shape.Channels
            ? $"{Factors.Length} factors and {Shifts.Length} shifts for {Output.Shape.Channels} "
                + "channels"
        : Factors.Concat(Shifts).Any(raw => Math.Abs((long)raw) > OrderedFloat.Largest)
            ? "a factor or shift is not a finite number"
        : Scaling == FloatScaling.Quotient && Factors.Any(f => f == 0)
            ? "divides by 0"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs)
    {
        bool below = inputs[0].Low < 0, above = inputs[0].High > 0;
        return FloatLayerRanges.Of(
            Output,
            Shifts.Any(s => s < 0) || Factors.Any(f => f < 0 ? above : f > 0 && below),
            Shifts.Any(s => s > 0) || Factors.Any(f => f < 0 ? below : f > 0 && above));
    }
}
