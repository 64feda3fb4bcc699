using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>Weights in bytes along the depth, as columns of inputs are packed.</summary>
internal static class PackedWeights
{
    /// <summary>
    /// [block][filter], steps in the order of the reduction, zeros past depth and filters.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="blocks">Blocks of 16 steps.</param>
    /// <param name="stride">Filters, filled up.</param>
    public static PackedBytes[] Of(MacLayer layer, int blocks, int stride)
    {
        int[] order = ReductionPlan.WeightIndices(layer);
        var packed = new PackedBytes[blocks * stride];
        for (int filter = 0; filter < layer.Output.Shape.Channels; filter++)
        {
            for (int step = 0; step < order.Length; step++)
            {
                ref PackedBytes bytes = ref packed[(step / PackedBytes.Count * stride) + filter];
                int weight = layer.Weights[(filter * layer.Depth) + order[step]];
                bytes = bytes.With(step % PackedBytes.Count, weight);
            }
        }

        return packed;
    }

    /// <summary>How many times a unit goes into a length, the last time in part.</summary>
    public static int Units(int length, int unit) => (length + unit - 1) / unit;
}
