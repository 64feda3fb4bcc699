using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>Accumulations that raise flags beside those that give values.</summary>
internal static class PackedFlags
{
    /// <summary>
    /// Overflows of accumulators that do not round, by the exact sum; null where rows are in
    /// another order than the layer's, or the sum does not fit.
    /// </summary>
    /// <param name="shape">The layer's sizes.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="rows">Rows of what multipliers take.</param>
    /// <param name="padded">Channels of the accumulation that gives values.</param>
    public static Accumulation<short, int>? UntilOverflow(
        MacShape shape, StepPlace place, RowSource<short> rows, int padded) =>
        rows.Order.SequenceEqual(ReductionPlan.WeightIndices(shape.Layer))
            && BoundedSum.UntilOverflow(shape.Layer, place.Inputs[0]) is { } sum
                ? PackedLoops.Bounded(shape, rows, sum, padded)
                : null;

    /// <summary>Terms that drop set bits, where nothing overflows.</summary>
    public static Accumulation<short, int> Dropped(
        MacShape shape, RowSource<short> rows, ShortSum sum) =>
        PackedLoops.Dropped(
            shape, rows, sum,
            shape.Layer.Mac.ProductStage == ProductStage.Converted
                ? MacFlag.ProductInexact
                : MacFlag.AccumulatorInexact);
}
