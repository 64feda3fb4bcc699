using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Ranges;

/// <summary>
/// Decides which law holds for each output channel of a layer; every fast backend asks here.
/// </summary>
public static class AccumulationLaws
{
    /// <summary>One per output channel.</summary>
    public static AccumulatorLaw[] Of(MacLayer layer)
    {
        ExactRange[] products = SumRanges.Of(layer);
        return [.. products.Select((range, channel) => Of(layer, layer.Bias[channel], range))];
    }

    /// <summary>True when one partial sum holds all products of an output.</summary>
    public static bool HasSinglePartial(MacLayer layer) =>
        layer.Mac.When == AccumulatorUpdate.End || ReductionPlan.LanesOf(layer) >= layer.Depth;

    private static AccumulatorLaw Of(MacLayer layer, long bias, ExactRange products)
    {
        MacSpec mac = layer.Mac;
        bool rounds = mac.Update.Shift > mac.PartialAlign;
        bool single = HasSinglePartial(layer);
        if (RoundingCommutes(mac) && !(rounds && single))
        {
            if (StaysInRange(mac, bias, Terms(layer, products)))
                return new(AccumulationLaw.Exact, rounds, products);
            if (mac.Update is { Overflow: OverflowMode.Wrap, SaturationBits: 0 })
                return new(AccumulationLaw.Modular, rounds, products);
        }

        return new(
            single ? AccumulationLaw.SinglePartial : AccumulationLaw.Stepwise, false, products);
    }

    /// <summary>
    /// True when an update adds to the accumulator a term that does not depend on it: the
    /// accumulator's own bits are not rounded, and rounding a sum equals rounding what is added.
    /// </summary>
    private static bool RoundingCommutes(MacSpec mac) =>
        mac.AccumulatorAlign == mac.Update.Shift
        && (
            mac.Update.Shift <= mac.PartialAlign
            || mac.Update.Rounding
                is RoundingMode.TowardNegative
                    or RoundingMode.NearestTiesTowardPositive
                    or RoundingMode.NearestTiesTowardNegative
        );

    /// <summary>The range of every sum of rounded terms, in the accumulator's steps.</summary>
    private static ExactRange Terms(MacLayer layer, ExactRange products)
    {
        ExactRange aligned = products << layer.Mac.PartialAlign;
        int shift = layer.Mac.Update.Shift;
        if (shift <= layer.Mac.PartialAlign)
            return new(aligned.Low >> shift, aligned.High >> shift);
        int updates = ReductionPlan.Updates(layer);
        return new((aligned.Low >> shift) - updates, (aligned.High >> shift) + updates + 1);
    }

    private static bool StaysInRange(MacSpec mac, long bias, ExactRange terms) =>
        terms.Low + Math.Min(bias, 0) >= Overflow.LowestKept(mac.Update)
        && terms.High + Math.Max(bias, 0) <= mac.Update.Max;
}
