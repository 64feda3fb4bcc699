
namespace QSim.Kernels.Backends.Simd.Mac.Pairs;

/// <summary>
/// 16-bit weights as the loops read them: [group][panel of vectors][pair of steps][channel][2],
/// with one 32-bit start value per channel.
/// </summary>
/// <remarks>Needs groups and channels that the layer has: AlignedMemory.At asserts them.</remarks>
internal sealed unsafe class PackedWeights
{
    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _biases;
    private readonly int _padded;
    private readonly int _pairs;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="order">For each step, the index of its weight in the filter as stored.</param>
    /// <param name="lanes">Channels per vector.</param>
    /// <param name="weight">A weight as it is packed.</param>
    /// <param name="start">The start value of a channel, of which the low 32 bits are kept.</param>
    /// <param name="panelVectors">Vectors per panel.</param>
    public PackedWeights(
        MacShape shape, int[] order, int lanes, Func<int, int> weight, Func<int, long> start,
        int panelVectors = 2)
    {
        _padded = shape.Padded(lanes);
        _pairs = (shape.Depth + 1) / 2;
        _weights = new((long)shape.Groups * _padded * _pairs * 2 * sizeof(short));
        _biases = new((long)shape.Groups * _padded * sizeof(int));
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            int group = channel / shape.GroupChannels;
            int lane = channel % shape.GroupChannels;
            Biases(group)[lane] = (int)start(channel);

            int first = lane / (panelVectors * lanes) * panelVectors * lanes;
            int width = Math.Min(panelVectors * lanes, _padded - first);
            short* to = Panel(group, first) + (2 * (lane - first));
            for (int step = 0; step < order.Length; step++)
                to[(step / 2 * width * 2) + (step % 2)] =
                    (short)weight(shape.Layer.Weights[(channel * shape.Depth) + order[step]]);
        }
    }

    /// <summary>The start values of a group's channels.</summary>
    public int* Biases(int group) =>
        _biases.At<int>((long)group * _padded * sizeof(int), _padded);

    /// <summary>The panel that begins with a channel of a group.</summary>
    public short* Panel(int group, int channel)
    {
        long rest = _padded - channel, pair = 2 * (long)_pairs;
        return _weights.At<short>(
            (((long)group * _padded) + channel) * pair * sizeof(short), rest * pair);
    }
}
