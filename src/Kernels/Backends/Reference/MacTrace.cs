using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Reference;

/// <summary>One product on its way to an accumulator.</summary>
/// <param name="Weight">Index of the weight in its filter as stored.</param>
/// <param name="Input">The multiplier's input: the raw value less the input offset.</param>
/// <param name="WeightRaw">The raw weight.</param>
/// <param name="Exact">Their exact product.</param>
/// <param name="Value">
/// What enters the sum: the product, converted where there is a product format.
/// </param>
/// <param name="Events">What the conversion met.</param>
internal readonly record struct MacProduct(
    int Weight, long Input, long WeightRaw, long Exact, long Value, ConversionEvents Events);

/// <summary>One update of an accumulator.</summary>
/// <param name="Sum">Accumulator plus what is added, exact, at the common binary point.</param>
/// <param name="Accumulator">The accumulator afterwards.</param>
/// <param name="Events">What the conversion met.</param>
internal readonly record struct MacUpdate(long Sum, long Accumulator, ConversionEvents Events);

/// <summary>
/// How one output element of a <see cref="Datapath.MacLayer"/> came about, step by step.
/// </summary>
/// <param name="Products">Every product, in the order of the reduction.</param>
/// <param name="Start">The accumulator before the first update.</param>
/// <param name="Updates">Every update; a bias that comes last is the last one.</param>
/// <param name="Output">The raw output.</param>
/// <param name="OutputEvents">What the requantization met.</param>
internal sealed record MacTrace(
    ImmutableArray<MacProduct> Products,
    long Start,
    ImmutableArray<MacUpdate> Updates,
    long Output,
    ConversionEvents OutputEvents);
