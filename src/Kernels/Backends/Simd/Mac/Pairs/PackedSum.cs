using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;

namespace QSim.Kernels.Backends.Simd.Mac.Pairs;

/// <summary>How a layer's accumulators follow from one 32-bit sum per output.</summary>
/// <param name="WeightShift">Left shift of every weight.</param>
/// <param name="BiasShift">Left shift of every bias.</param>
/// <param name="InputShift">What a stored input lacks: raw less input offset, less stored.</param>
/// <param name="Finish">Converts the sum; null when it is the accumulator already.</param>
/// <param name="Range">Every accumulator.</param>
/// <param name="HasNoEvents">Whether no update can raise a flag.</param>
internal sealed record PackedSum(
    int WeightShift, int BiasShift, long InputShift, ConversionSpec? Finish, ExactRange Range,
    bool HasNoEvents)
{
    private const int SumBits = 32;
    private const int OperandBits = 16;

    /// <summary>Null when the layer is not one 32-bit sum.</summary>
    public static PackedSum? Of(MacLayer layer, TensorLayout input)
    {
        ImmutableArray<AccumulatorLaw> laws = layer.Facts.Laws;
        if (layer.Mac.ProductStage == ProductStage.Converted || laws.Any(l => l.RoundsTerms))
            return null;
        long inputShift = input.Offset - layer.Mac.InputOffset;
        ConversionSpec update = layer.Mac.Update;
        PackedSum? sum =
            layer.Facts.IsExact
                ? new(
                    layer.Mac.PartialAlign - update.Shift, 0, inputShift, null,
                    Accumulators(layer, laws), true)
            : layer.Facts.IsModular
                ? new(
                    layer.Mac.PartialAlign - update.Shift,
                    0,
                    inputShift,
                    update with
                    {
                        Shift = 0,
                    },
                    ExactRange.Of(update),
                    false
                )
            : laws.All(l => l.Law is AccumulationLaw.Exact or AccumulationLaw.SinglePartial)
            && layer.Facts.StartsFromBias
                ? new(
                    layer.Mac.PartialAlign, layer.Mac.AccumulatorAlign, inputShift, update,
                    ExactRange.Of(update), false)
                { FinishIsUpdate = true }
            : null;
        return sum is not null && sum.Fits(layer, laws) ? sum : null;
    }

    /// <summary>
    /// Whether <see cref="Finish"/> is the accumulator's only update, not a short way for all.
    /// </summary>
    public bool FinishIsUpdate { get; private init; }

    /// <summary>
    /// The start value of a channel's sum: the bias, and what every product lacks.
    /// </summary>
    public long Start(MacLayer layer, int channel)
    {
        long weights = 0;
        foreach (int weight in layer.Weights.AsSpan().Slice(channel * layer.Depth, layer.Depth))
            weights += weight;
        return (layer.Bias[channel] << BiasShift) + ((InputShift * weights) << WeightShift);
    }

    private bool Fits(MacLayer layer, ImmutableArray<AccumulatorLaw> laws)
    {
        if (WeightShift >= OperandBits || BiasShift > SumBits) return false;
        foreach (int weight in layer.Weights)
            if ((long)weight << WeightShift is < short.MinValue or > short.MaxValue) return false;
        if (Finish is not { } finish) return Range.Bits <= SumBits;
        if (!VectorConversion<int>.Supports(finish)) return false;

        // A sum modulo 2^32 that only wraps needs no more bits than it wraps to.
        bool wraps = finish is { Shift: 0, Overflow: OverflowMode.Wrap, SaturationBits: 0 };
        return wraps ? finish.IsSigned || finish.Bits < SumBits : Sums(layer, laws).Bits <= SumBits;
    }

    private ExactRange Sums(MacLayer layer, ImmutableArray<AccumulatorLaw> laws) =>
        Join(
            laws.Select(
                (law, channel) =>
                    (law.Products << WeightShift) + ((ExactRange)layer.Bias[channel] << BiasShift)
            )
        );

    private static ExactRange Accumulators(MacLayer layer, ImmutableArray<AccumulatorLaw> laws)
    {
        int shift = layer.Mac.PartialAlign - layer.Mac.Update.Shift;
        return Join(laws.Select((law, channel) => (law.Products << shift) + layer.Bias[channel]));
    }

    private static ExactRange Join(IEnumerable<ExactRange> ranges) =>
        ranges.Aggregate((a, b) => a.Or(b));
}
