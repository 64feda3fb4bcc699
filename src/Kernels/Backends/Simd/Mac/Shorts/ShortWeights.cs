using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>
/// 16-bit weights, [group][vector of channels][step][channel], and where accumulators start.
/// </summary>
/// <remarks>Needs groups and channels that the layer has: AlignedMemory.At asserts them.</remarks>
internal sealed unsafe class ShortWeights
{
    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _first;
    private readonly AlignedMemory _last;
    private readonly int _padded;
    private readonly int _depth;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="order">For each step, the index of its weight in the filter as stored.</param>
    /// <param name="lanes">Channels per vector.</param>
    /// <param name="sum">What is done to weights.</param>
    public ShortWeights(MacShape shape, int[] order, int lanes, ShortSum sum)
    {
        MacLayer layer = shape.Layer;
        _padded = shape.Padded(lanes);
        _depth = shape.Depth;
        _weights = new((long)shape.Groups * _padded * _depth * sizeof(short));
        _first = new((long)shape.Groups * _padded * sizeof(short));
        _last = new((long)shape.Groups * _padded * sizeof(short));
        bool biasFirst = new MacSteps(layer).BiasFirst;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            int group = channel / shape.GroupChannels;
            int lane = channel % shape.GroupChannels;
            *(biasFirst ? First(group, lane) : Last(group, lane)) = (short)layer.Bias[channel];
            short* to = Of(group, lane / lanes * lanes) + (lane % lanes);
            for (int step = 0; step < order.Length; step++)
                to[step * lanes] = (short)
                    sum.Weight(layer.Weights[(channel * _depth) + order[step]]);
        }
    }

    /// <summary>The weights of a vector of channels that begins with the given one.</summary>
    public short* Of(int group, int channel) => _weights.At<short>(
        (((long)group * _padded) + channel) * _depth * sizeof(short),
        (long)(_padded - channel) * _depth);

    /// <summary>What 16-bit accumulators start from.</summary>
    public short* First(int group, int channel) =>
        _first.At<short>(
            (((long)group * _padded) + channel) * sizeof(short), _padded - channel);

    /// <summary>What they take last.</summary>
    public short* Last(int group, int channel) =>
        _last.At<short>((((long)group * _padded) + channel) * sizeof(short), _padded - channel);
}
