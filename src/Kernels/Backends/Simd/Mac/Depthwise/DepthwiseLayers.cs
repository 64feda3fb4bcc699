using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Packed;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Depthwise;

/// <summary>Layers with one input channel per output channel.</summary>
internal static class DepthwiseLayers
{
    /// <summary>True when every group is one channel in and one channel out.</summary>
    public static bool Supports(MacLayer layer) =>
        layer.Geometry.Groups > 1 && layer.Geometry.Groups == layer.Input.Shape.Channels
        && layer.Geometry.Groups == layer.Output.Shape.Channels
        && KernelRowCopy.Supports(Ungrouped(layer));

    /// <summary>
    /// Rows that hold every channel of every tap, [tap][channel], and the given padding.
    /// </summary>
    public static RowSource<short> Rows(MacLayer layer, TensorLayout input, short padding) =>
        new KernelRowCopy(Ungrouped(layer), input, padding);

    /// <summary>Sums modulo 2^32.</summary>
    public static Accumulation<short, int> Sums(
        MacShape shape, RowSource<short> rows, PackedSum sum) =>
        new DepthwiseAccumulation<PlainWideSum>(
            shape, rows, new(sum.WeightShift, c => sum.Start(shape.Layer, c), _ => 0, 0, 0));

    /// <summary>Saturating step by step in 32 bits.</summary>
    public static Accumulation<short, int> Saturating(
        MacShape shape, RowSource<short> rows, BoundedSum sum)
    {
        bool first = shape.Layer.Facts.StartsFromBias;
        return new DepthwiseAccumulation<SaturatedWideSum>(
            shape,
            rows,
            new(
                sum.WeightShift, c => first ? shape.Layer.Bias[c] : 0,
                c => first ? 0 : shape.Layer.Bias[c], sum.Lowest, sum.Highest)
        );
    }

    /// <summary>True when 16-bit accumulators hold every sum, or saturate.</summary>
    public static bool FitsShorts(MacLayer layer, ShortSum sum) =>
        sum.Part == WeightPart.Whole && layer.Depth <= sum.StepsPerSum;

    /// <summary>The layer with all its groups as one.</summary>
    private static MacLayer Ungrouped(MacLayer layer) =>
        layer with { Geometry = layer.Geometry with { Groups = 1 } };
}
