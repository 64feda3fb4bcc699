using System.Collections.Immutable;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Where the binary points of product and accumulator lie, and what one accumulator step stands for
/// in each output channel.
/// </summary>
/// <param name="Steps">Real value of one raw accumulator step, per output channel.</param>
/// <param name="FractionBits">
/// The same as F of 2^-F, per output channel; null where no power of two.
/// </param>
/// <param name="ProductShift">Bits that the product conversion drops.</param>
/// <param name="AccumulatorAlign">Left shift of the accumulator to the common binary point.</param>
/// <param name="PartialAlign">Left shift of a partial sum to the common binary point.</param>
internal sealed record AccumulatorPoint(
    ImmutableArray<double> Steps, ImmutableArray<int?> FractionBits, int ProductShift,
    int AccumulatorAlign, int PartialAlign)
{
    /// <summary>Whether a step is the product of the operands' steps, not a binary point.</summary>
    public bool FollowsOperands { get; init; }

    /// <summary>Decides from the scales of input and weights.</summary>
    /// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
    /// <param name="stages">The layer's stages.</param>
    /// <param name="input">Scale of the input.</param>
    /// <param name="weights">Scale of the weights, per output channel.</param>
    public static AccumulatorPoint Place(
        Func<string, string, Exception> refuse, LayerDatapath stages, TensorScale input,
        ImmutableArray<TensorScale> weights)
    {
        if (stages.Product is null && stages.Accumulator.FractionBits is null)
        {
            return new(
                [.. weights.Select(w => input.Step * w.Step)],
                [.. weights.Select(w => input.FractionBits + w.FractionBits)], 0, 0, 0)
            {
                FollowsOperands = true,
            };
        }

        string key = stages.Product is null ? "mac.accumulator.fraction_bits" : "mac.product";
        if (weights.Distinct().Count() > 1)
            throw refuse(
                key,
                "a fixed binary point needs one weight scale (use weight.granularity: per_tensor)");
        if (input.FractionBits + weights[0].FractionBits is not int exact)
            throw refuse(
                key, "a fixed binary point needs power-of-two scales (use scale: power_of_two)");
        int product = stages.Product?.Format.FractionBits ?? exact;
        int accumulator = stages.Accumulator.FractionBits ?? product;
        int common = Math.Max(product, accumulator);
        int channels = weights.Length;
        return new(
            [.. Enumerable.Repeat(Math.ScaleB(1, -accumulator), channels)],
            [.. Enumerable.Repeat((int?)accumulator, channels)], exact - product,
            common - accumulator, common - product);
    }
}
