using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// For each block of steps, how far it can raise and lower each channel's accumulator whatever its inputs,
/// seen from the running sum: [group][vector of channels][block][up, down][channel].
/// </summary>
internal sealed unsafe class BlockReaches
{
    private readonly AlignedMemory _reaches;
    private readonly AlignedMemory _biases;
    private readonly int _padded;
    private readonly int _blocks;

    public BlockReaches(MacShape shape, int[] order, int lanes, BoundedSum sum)
    {
        MacLayer layer = shape.Layer;
        int blockSteps = 2 * BoundedSum.BlockPairs;
        _padded = shape.Padded(lanes);
        _blocks = (shape.Depth + blockSteps - 1) / blockSteps;
        _reaches = new((long)shape.Groups * _padded * _blocks * 2 * sizeof(int));
        _biases = new((long)shape.Groups * _padded * sizeof(int));
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            int group = channel / shape.GroupChannels;
            int lane = channel % shape.GroupChannels;
            Bias(group, lane)[0] = (int)layer.Bias[channel];
            int* to = Of(group, lane / lanes * lanes) + (lane % lanes);
            long[] weights = [.. order.Select(w => (long)layer.Weights[(channel * shape.Depth) + w] << sum.WeightShift)];
            Pack(layer, layer.Bias[channel], weights, sum, to, lanes);
        }
    }

    /// <summary>The first block of a vector of channels.</summary>
    public int* Of(int group, int channel) =>
        (int*)_reaches.Start + ((((long)group * _padded) + channel) * _blocks * 2);

    /// <summary>The biases from a channel on.</summary>
    public int* Bias(int group, int channel) => (int*)_biases.Start + (group * _padded) + channel;

    private static void Pack(MacLayer layer, long bias, long[] weights, BoundedSum sum, int* to, int lanes)
    {
        (long low, long high) = SumRanges.Inputs(layer);
        int blockSteps = 2 * BoundedSum.BlockPairs;

        // The running sum holds the whole bias and everything that stored inputs lack from the start.
        long ahead = new MacSteps(layer).BiasFirst ? 0 : bias;
        long remaining = weights.Sum();
        for (int first = 0; first < weights.Length; first += blockSteps, to += 2 * lanes)
        {
            long lacking = ahead + (sum.InputAdd * remaining);
            long up = -lacking, down = -lacking;
            foreach (long weight in weights.AsSpan(first, Math.Min(blockSteps, weights.Length - first)))
            {
                remaining -= weight;
                up += Math.Max(0, Math.Max(weight * low, weight * high));
                down += Math.Min(0, Math.Min(weight * low, weight * high));
            }

            to[0] = (int)up;
            to[lanes] = (int)down;
        }
    }
}
