namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>
/// Per channel, how far sums within a block of steps leave the interval between the sums at its
/// ends, per unit of the largest input: the most over all blocks. [group][channel], channels padded
/// to vectors.
/// </summary>
/// <remarks>Needs channels that the layer has: AlignedMemory.At asserts them.</remarks>
internal sealed unsafe class BlockExcesses
{
    private readonly AlignedMemory _excesses;
    private readonly int _padded;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="order">Its reduction.</param>
    /// <param name="lanes">Channels of a vector.</param>
    /// <param name="sum">The accumulator.</param>
    /// <param name="segment">Pairs of steps of a segment, where blocks begin anew.</param>
    /// <param name="pairs">Pairs of steps in a block.</param>
    public BlockExcesses(
        MacShape shape, int[] order, int lanes, BoundedSum sum, int segment, int pairs)
    {
        Pairs = pairs;
        _padded = shape.Padded(lanes);
        _excesses = new((long)shape.Groups * _padded * sizeof(int));
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            long[] weights =
            [
                .. order.Select(w =>
                    (long)shape.Layer.Weights[(channel * shape.Depth) + w] << sum.WeightShift
                ),
            ];
            *Of(channel / shape.GroupChannels, channel % shape.GroupChannels) = weights
                .Chunk(2 * segment)
                .SelectMany(part => part.Chunk(2 * pairs))
                .Max(block => sum.Excess(block));
        }
    }

    /// <summary>Pairs of steps in a block.</summary>
    public int Pairs { get; }

    /// <summary>The numbers from a channel on.</summary>
    public int* Of(int group, int channel) =>
        _excesses.At<int>((((long)group * _padded) + channel) * sizeof(int), _padded - channel);
}
