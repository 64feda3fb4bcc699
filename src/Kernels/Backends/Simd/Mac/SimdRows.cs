using System.Collections.Immutable;
using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Depthwise;
using QSim.Kernels.Backends.Simd.Mac.Packed;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// The loops for multiply-accumulate layers, in order of preference: the first that takes a layer
/// runs it. Tests run each of them against the reference, benchmarks time each.
/// </summary>
internal static class SimdRows
{
    /// <summary>All of them; the last takes every layer.</summary>
    public static ImmutableArray<SimdRow> All { get; } =
    [
        new SimdRow<PackedSum>(
            "depthwise-sums",
            "exact sums of 16-bit operands where every channel reads one channel",
            (shape, place) => IsDepthwise(shape, place) ? SumOf(shape, place) : null,
            DepthwiseRows.Sums),
        new SimdRow<PackedSum>(
            "pairs", "exact sums of 16-bit operands, two products at a time",
            SumOf, PackedRows.Pairs),
        new SimdRow<ShortSum>(
            "depthwise-short",
            "16-bit accumulators, plain or saturating, where every channel reads one channel",
            (shape, place) => IsDepthwise(shape, place)
                && ShortOf(shape, place) is { } sum && DepthwiseLayers.FitsShorts(shape.Layer, sum)
                    ? sum : null,
            DepthwiseRows.Shorts),
        new SimdRow<ShortSum>(
            "short-saturating", "16-bit accumulators that saturate product by product",
            (shape, place) => ShortOf(shape, place) is { Saturates: true } sum ? sum : null,
            PackedRows.Shorts),
        new SimdRow<ShortSum>(
            "short-split", "sums of products cut at 16 bits, of weights in two parts",
            (shape, place) =>
                ShortOf(shape, place) is { Saturates: false, Part: WeightPart.Low } sum
                    ? sum : null,
            PackedRows.Shorts),
        new SimdRow<ShortSum>(
            "short-terms", "sums of products rounded to 16 bits",
            (shape, place) =>
                ShortOf(shape, place) is { Saturates: false, Part: WeightPart.Whole } sum
                    ? sum : null,
            PackedRows.Shorts),
        new SimdRow<BoundedSum>(
            "depthwise-saturating",
            "32-bit accumulators that saturate, where every channel reads one channel",
            (shape, place) => IsDepthwise(shape, place) && shape.Layer.Facts.Lanes == 1
                ? BoundedOf(shape, place) : null,
            DepthwiseRows.Saturating),
        new SimdRow<BoundedSum>(
            "bounded",
            "exact sums with bounds on what they were, and a redo of those that may saturate",
            BoundedOf, PackedRows.Bounded),
        new SimdRow<MacLayer>(
            "sequential-32", "every update in order, in lanes of 32 bits",
            (shape, _) => StepwiseRows.FitsLanes<int>(shape.Layer) ? shape.Layer : null,
            (shape, place, _) => StepwiseRows.Vectors<int>(shape, place)) { IsStepwise = true },
        new SimdRow<MacLayer>(
            "sequential-64", "every update in order, in lanes of 64 bits",
            (shape, _) => StepwiseRows.FitsLanes<long>(shape.Layer) ? shape.Layer : null,
            (shape, place, _) => StepwiseRows.Vectors<long>(shape, place)) { IsStepwise = true },
        new SimdRow<MacLayer>(
            "scalar", "one output at a time, for stochastic rounding and the widest shifts",
            (shape, _) => shape.Layer,
            (shape, place, _) => StepwiseRows.Scalar(shape, place)) { IsStepwise = true },
    ];

    /// <summary>The step that runs a layer, and what to call it.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="forced">The row for every layer that it takes; null for the first.</param>
    public static NamedStep Prepare(MacLayer layer, StepPlace place, string? forced)
    {
        var shape = new MacShape(layer);
        SimdRow? wanted = All.FirstOrDefault(r => r.Name == forced);
        (SimdRow row, RowStep step) = First(wanted is null ? All : [wanted, .. All], shape, place);
        NamedStep named = new(row.Name, step.Step);
        if (step.CountsEvents) return named;
        (row, step) = First(All.Where(r => r.IsStepwise), shape, place);
        return named.Or(new(row.Name, step.Step));
    }

    private static (SimdRow Row, RowStep Step) First(
        IEnumerable<SimdRow> rows, MacShape shape, StepPlace place)
    {
        foreach (SimdRow row in rows)
            if (row.Prepare(shape, place) is { } step) return (row, step);
        throw new InvalidOperationException("the last row takes every layer");
    }

    private static bool IsNarrow(StepPlace place) =>
        place.Inputs[0].IsNarrow && place.Output.IsNarrow;

    private static bool IsDepthwise(MacShape shape, StepPlace place) =>
        IsNarrow(place) && DepthwiseLayers.Supports(shape.Layer);

    private static PackedSum? SumOf(MacShape shape, StepPlace place) =>
        IsNarrow(place) ? PackedSum.Of(shape.Layer, place.Inputs[0]) : null;

    private static ShortSum? ShortOf(MacShape shape, StepPlace place) =>
        IsNarrow(place) ? ShortSum.Of(shape.Layer, place.Inputs[0]) : null;

    private static BoundedSum? BoundedOf(MacShape shape, StepPlace place) =>
        IsNarrow(place) ? BoundedSum.Of(shape.Layer, place.Inputs[0]) : null;
}
