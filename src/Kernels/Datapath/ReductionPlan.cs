namespace QSim.Kernels.Datapath;

/// <summary>
/// The order of the reduction as data: one permutation per layer, which every backend follows
/// (ARITHMETIC.md section 4.5).
/// </summary>
internal static class ReductionPlan
{
    /// <summary>
    /// For each step, the index of its weight in the filter as stored, [input channel /
    /// groups][kernel row][kernel column]. Length <see cref="MacLayer.Depth"/>; the same for every
    /// output channel.
    /// </summary>
    public static int[] WeightIndices(MacLayer layer)
    {
        int[] order = ChannelOrder(layer);
        return layer.Mac.Order == ReductionOrder.Interleave
            ? Strided(order, layer.Mac.Interleave)
            : order;
    }

    private static int[] ChannelOrder(MacLayer layer)
    {
        int taps = Sizes.Weights(layer.Geometry.KernelRows, layer.Geometry.KernelColumns);
        int channels = layer.Depth / taps;
        var order = new int[layer.Depth];
        for (int step = 0; step < order.Length; step++)
        {
            order[step] = layer.Mac.Order == ReductionOrder.ChannelFirst
                ? step
                : (step % channels * taps) + (step / channels);
        }

        return order;
    }

    private static int[] Strided(int[] order, int stride)
    {
        var strided = new int[order.Length];
        int step = 0;
        for (int start = 0; start < Math.Min(stride, order.Length); start++)
            for (long i = start; i < order.Length; i += stride)
                strided[step++] = order[i];
        return strided;
    }
}
