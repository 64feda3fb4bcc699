using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// Which layers the packed kernels take, and what makes their sums those of the hardware.
/// </summary>
/// <param name="InputSigned">1 when packed inputs are signed bytes, 0 when unsigned.</param>
/// <param name="Single">
/// 1 when there is one update: the exact sum goes through the very conversions that the hardware
/// makes.
/// </param>
/// <param name="Modular">
/// 1 when every channel is exact or wraps: right without a check, but for events.
/// </param>
/// <param name="Exact">1 when no channel's sum can leave its accumulator's range.</param>
internal readonly record struct PackedPlan(int InputSigned, int Single, int Modular, int Exact)
{
    private const int FewestProducts = 8;

    /// <summary>The plan of a layer; null when it has to go through the general kernel.</summary>
    public static PackedPlan? Of(MacLayer layer)
    {
        MacSpec mac = layer.Mac;
        (long low, long high) = layer.Facts.Multiplied;
        bool isSigned = low >= sbyte.MinValue && high <= sbyte.MaxValue;
        bool bytes = (isSigned || (low >= 0 && high <= byte.MaxValue))
            && layer.Weights.All(w => w is >= sbyte.MinValue and <= sbyte.MaxValue);
        if (!bytes || mac.ProductStage != ProductStage.Exact || layer.Geometry.Groups != 1
            || layer.Depth < FewestProducts || !FitsInt32(layer, Math.Max(-low, high))) return null;

        bool single = layer.Facts.HasSinglePartial;
        bool addsWholeSteps =
            mac.AccumulatorAlign == mac.Update.Shift && mac.Update.Shift <= mac.PartialAlign;
        if (!single && !addsWholeSteps)
            return null;
        return new(
            isSigned ? 1 : 0,
            single ? 1 : 0,
            layer.Facts.IsModular ? 1 : 0,
            layer.Facts.IsExact ? 1 : 0);
    }

    /// <summary>
    /// 1 when an output's sum is only good if no order of its terms can leave the accumulator's
    /// range. A sum that wraps is good either way, but where events are collected each wrap has to
    /// be seen.
    /// </summary>
    public int Checks(bool events) =>
        Single == 1 || Exact == 1 || (Modular == 1 && !events) ? 0 : 1;

    /// <summary>The sum of magnitudes bounds every partial sum.</summary>
    private static bool FitsInt32(MacLayer layer, long largest) =>
        Enumerable.Range(0, layer.Output.Shape.Channels).All(channel =>
            layer.Weights.AsSpan().Slice(channel * layer.Depth, layer.Depth).ToArray()
                .Sum(w => largest * Math.Abs((long)w)) <= int.MaxValue);
}
