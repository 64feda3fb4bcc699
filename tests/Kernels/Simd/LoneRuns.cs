using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Layers;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// Layers of nothing but a run of one weight here and there, which is as long as decides about a
/// planner's answer; where it stands, against what the planner cuts sums into, is the choices'.
/// </summary>
internal static class LoneRuns
{
    /// <summary>
    /// A run in each lane, somewhat longer than 16 bits hold of products that lose their low bits.
    /// </summary>
    public static MacLayer Gathered(Choices choose)
    {
        int room = choose.Between(4, 20), channels = choose.Between(1, 2);
        int pairs = choose.Between(2 * room, 8 * room), shift = choose.Between(1, 5);
        int[] weights = new int[channels * 2 * pairs];
        for (int lane = 0; lane < 2 * channels; lane++)
        {
            int length = room + choose.Between(0, room), first = choose.Between(0, pairs - 1);
            for (int pair = first; pair < Math.Min(first + length, pairs); pair++)
                weights[(lane / 2 * 2 * pairs) + (2 * pair) + (lane % 2)] =
                    (short.MaxValue << shift) / (room * byte.MaxValue);
        }

        return Layer(
            choose, channels, weights, 0,
            ConversionSpec.Into(
                new(24, 0, true), shift, choose.Of(EdgeLayers.Commuting), OverflowMode.Wrap));
    }

    /// <summary>
    /// A few steps up and as many down again, so near the end of a saturating accumulator that they
    /// may or may not reach it.
    /// </summary>
    public static MacLayer Ordered(Choices choose)
    {
        int channels = choose.Between(1, 2), depth = choose.Between(48, 150);
        int length = choose.Between(1, 3), apart = choose.Between(1, 2);
        int weight = choose.Of(127, -127);
        int[] weights = new int[channels * depth];
        for (int channel = 0; channel < channels; channel++)
        {
            Span<int> filter = weights.AsSpan(channel * depth, depth);
            int first = choose.Between(0, depth - 1);
            for (int i = 0; i < 2 * length && first + (i * apart) < depth; i++)
                filter[first + (i * apart)] = i < length ? weight : -weight;
        }

        var update = ConversionSpec.Into(
            new(17, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate);
        long bias = update.Max - choose.Between(0, length * 127 * byte.MaxValue);
        return Layer(choose, channels, weights, weight > 0 ? bias : -bias, update);
    }

    private static MacLayer Layer(
        Choices choose, int channels, int[] weights, long bias, ConversionSpec update)
    {
        var output = new TensorType(new(channels), 16, true, 1);
        Requantization scaled = EdgeLayers.Shifted(choose, update.Bits, output);
        return new(
            "layer", [0], output, new(new(weights.Length / channels), 8, false, 1), new(),
            [.. weights], 16, true, [.. Enumerable.Repeat(bias, channels)],
            OneLayer.Unit(update) with { Bias = choose.OfEnum<BiasPosition>() },
            [.. Enumerable.Repeat(scaled, channels)]);
    }
}
