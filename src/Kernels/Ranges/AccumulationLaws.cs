using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Ranges;

/// <summary>
/// Decides which law holds for each output channel of a layer; <see cref="MacFacts.Laws"/> keeps
/// the answer, and every fast backend asks there.
/// </summary>
internal static class AccumulationLaws
{
    /// <summary>One per output channel.</summary>
    public static ImmutableArray<AccumulatorLaw> Of(MacLayer layer) =>
        [.. layer.Facts.Sums.Select((range, channel) => Of(layer, layer.Bias[channel], range))];

    /// <summary>
    /// Per output channel, what its accumulator holds in the end; <see cref="MacFacts.Results"/>
    /// keeps it.
    /// </summary>
    public static ImmutableArray<ExactRange> Results(MacLayer layer) =>
    [
        .. layer.Facts.Laws.Select((law, channel) => law.Law == AccumulationLaw.Exact
            ? Terms(layer, law.Products) + layer.Bias[channel]
            : layer.Facts.Chain.Register),
    ];

    private static AccumulatorLaw Of(MacLayer layer, long bias, ExactRange products)
    {
        MacSpec mac = layer.Mac;
        bool rounds = mac.Update.Shift > mac.PartialAlign;
        bool single = layer.Facts.HasSinglePartial;
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
            || Rounding.CommutesWithWholeSteps(mac.Update.Rounding)
        );

    /// <summary>The range of every sum of rounded terms, in the accumulator's steps.</summary>
    private static ExactRange Terms(MacLayer layer, ExactRange products)
    {
        ExactRange aligned = products << layer.Mac.PartialAlign;
        int shift = layer.Mac.Update.Shift;
        if (shift <= layer.Mac.PartialAlign)
            return new(aligned.Low >> shift, aligned.High >> shift);
        int updates = (layer.Depth + layer.Facts.Lanes - 1) / layer.Facts.Lanes;
        return new((aligned.Low >> shift) - updates, (aligned.High >> shift) + updates + 1);
    }

    private static bool StaysInRange(MacSpec mac, long bias, ExactRange terms) =>
        terms.Low + Math.Min(bias, 0) >= Overflow.LowestKept(mac.Update)
        && terms.High + Math.Max(bias, 0) <= mac.Update.Max;
}
