using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Ranges;

namespace QSim.Kernels.Datapath;

/// <summary>
/// What follows from a multiply-accumulate layer alone. What takes a walk over all weights is
/// worked out when first asked for, and kept as long as the layer.
/// </summary>
internal sealed class MacFacts
{
    private readonly Lazy<ImmutableArray<ExactRange>> _sums;
    private readonly Lazy<ImmutableArray<AccumulatorLaw>> _laws;
    private readonly Lazy<ImmutableArray<ExactRange>> _results;

    internal MacFacts(MacLayer layer)
    {
        MacSpec mac = layer.Mac;
        bool atEnd = mac.When == AccumulatorUpdate.End;
        Lanes = atEnd || mac.Lanes == 0 ? layer.Depth : Math.Min(layer.Depth, mac.Lanes);
        HasSinglePartial = Lanes == layer.Depth;
        StartsFromBias = atEnd || mac.Bias == BiasPosition.First;
        Multiplied = new(
            layer.Input.MinRaw - mac.InputOffset, layer.Input.MaxRaw - mac.InputOffset);
        Chain = new(
            new(Multiplied.Low, Multiplied.High),
            ExactRange.Of(new FixedFormat(layer.WeightBits, 0, layer.WeightsSigned)),
            mac.ProductStage == ProductStage.Converted ? ExactRange.Of(mac.Product) : null,
            Lanes, Held(mac.Update), mac.AccumulatorAlign, mac.PartialAlign, !StartsFromBias);
        _sums = new(() => SumRanges.Of(layer));
        _laws = new(() => AccumulationLaws.Of(layer));
        _results = new(() => AccumulationLaws.Results(layer));
    }

    /// <summary>
    /// All that the bits hold: a bias is taken as it is, also where it is the one value that
    /// symmetric saturation never gives.
    /// </summary>
    private static ExactRange Held(ConversionSpec update) => new(update.Min, update.Max);

    /// <summary>
    /// Products summed exactly before each update: all of them where lanes say so or conversion
    /// happens at the end.
    /// </summary>
    public int Lanes { get; }

    /// <summary>True when one partial sum holds all products of an output.</summary>
    public bool HasSinglePartial { get; }

    /// <summary>True when the bias precedes all products; else it is one more update.</summary>
    public bool StartsFromBias { get; }

    /// <summary>The range of what multipliers take: raw inputs less the input offset.</summary>
    public RawRange Multiplied { get; }

    /// <summary>The exact intermediates from the formats alone.</summary>
    public MacChain Chain { get; }

    /// <summary>
    /// Per output channel, the range of every sum of some of its products, in any order, the bias
    /// not counted: what the actual weights make of any input.
    /// </summary>
    public ImmutableArray<ExactRange> Sums => _sums.Value;

    /// <summary>Per output channel, the law that its accumulator keeps.</summary>
    public ImmutableArray<AccumulatorLaw> Laws => _laws.Value;

    /// <summary>
    /// Per output channel, what its accumulator can hold in the end: what the actual weights make
    /// of any input where no update can leave the register, else all that the register holds.
    /// </summary>
    public ImmutableArray<ExactRange> Results => _results.Value;

    /// <summary>True when no update of any channel can leave the accumulator's range.</summary>
    public bool IsExact => Laws.All(l => l.Law == AccumulationLaw.Exact);

    /// <summary>True when every channel is exact or wraps.</summary>
    public bool IsModular =>
        Laws.All(l => l.Law is AccumulationLaw.Exact or AccumulationLaw.Modular);
}
