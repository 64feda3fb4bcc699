using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Widths of the exact intermediates of a multiply-accumulate unit, in hardware order.
/// </summary>
internal static class MacWidths
{
    /// <summary>From the product to the accumulator.</summary>
    public static IEnumerable<(string Stage, int Bits)> Accumulation(MacLayer layer)
    {
        MacSpec mac = layer.Mac;
        FixedFormat weight = new(layer.WeightBits, 0, layer.WeightsSigned);
        ExactRange product =
            (ExactRange.Of(layer.Input) + -mac.InputOffset) * ExactRange.Of(weight);
        yield return ("the exact product", product.Bits);
        if (mac.ProductStage == ProductStage.Converted) product = ExactRange.Of(mac.Product);

        int summed = mac.When == AccumulatorUpdate.End
            ? layer.Depth
            : Math.Min(layer.Depth, ReductionPlan.LanesOf(layer));
        ExactRange partial = product * summed;
        yield return ($"the exact sum of {summed} products", partial.Bits);
        ExactRange accumulator = ExactRange.Of(mac.Update) << mac.AccumulatorAlign;
        yield return (
            "accumulator plus products at their common binary point",
            (accumulator + (partial << mac.PartialAlign)).Bits);
        if (mac.Bias == BiasPosition.Last && mac.When == AccumulatorUpdate.EveryUpdate)
            yield return ("accumulator plus bias", (accumulator + accumulator).Bits);
    }

    /// <summary>From an accumulator, or whatever else is requantized, to the output.</summary>
    public static IEnumerable<(string Stage, int Bits)> Requantization(
        Requantization spec, ExactRange accumulator)
    {
        switch (spec.Kind)
        {
            case RequantizationKind.MultiplierDouble:
                ExactRange shifted = accumulator << Math.Max(0, -spec.MultiplierShift);
                yield return (
                    "accumulator times multiplier",
                    RoundedProduct(shifted, spec.Multiplier, 31).Bits);
                break;
            case RequantizationKind.MultiplierSingle:
                yield return (
                    "accumulator times multiplier",
                    RoundedProduct(accumulator, spec.Multiplier, spec.MultiplierShift).Bits);
                break;
            case RequantizationKind.Shift:
                ExactRange aligned = accumulator << Math.Max(0, -spec.Output.Shift);
                yield return ("accumulator shifted to the output", (aligned + spec.ZeroPoint).Bits);
                break;
        }
    }

    /// <summary>A product and the half step that its rounding adds.</summary>
    internal static ExactRange RoundedProduct(ExactRange value, int multiplier, int shift)
    {
        ExactRange product = value * multiplier;
        return product with
        {
            High = product.High + (System.Numerics.BigInteger.One << (shift - 1)),
        };
    }
}
