using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Ranges;

/// <summary>
/// What the sums of a layer can reach, whatever its input: interval analysis with the actual
/// weights. Every sum of some of a channel's products, in any order, lies between the sum of its
/// lowest negative contributions and the sum of its highest positive ones.
/// </summary>
internal static class SumRanges
{
    /// <summary>
    /// Per output channel, the range of every partial sum of products, the bias not counted.
    /// <see cref="MacFacts.Sums"/> keeps them.
    /// </summary>
    public static ImmutableArray<ExactRange> Of(MacLayer layer)
    {
        RawRange inputs = layer.Facts.Multiplied;
        return [.. Enumerable.Range(0, layer.Output.Shape.Channels)
            .Select(channel => OfFilter(layer, channel, inputs.Low, inputs.High))];
    }

    private static ExactRange OfFilter(MacLayer layer, int channel, long low, long high)
    {
        Int128 negative = 0, positive = 0;
        foreach (int weight in layer.Weights.AsSpan().Slice(channel * layer.Depth, layer.Depth))
        {
            (Int128 least, Int128 most) = Product(
                layer.Mac, (Int128)low * weight, (Int128)high * weight);
            negative += Int128.Min(least, 0);
            positive += Int128.Max(most, 0);
        }

        return new(negative, positive);
    }

    /// <summary>
    /// The range of one product after its conversion, from its values at both ends of the input.
    /// </summary>
    private static (Int128 Least, Int128 Most) Product(MacSpec mac, Int128 a, Int128 b)
    {
        (Int128 least, Int128 most) = a < b ? (a, b) : (b, a);
        if (mac.ProductStage == ProductStage.Exact) return (least, most);
        ConversionSpec to = mac.Product;
        long lowest = Overflow.LowestKept(to);
        int left = Math.Max(0, -to.Shift), right = Math.Max(0, to.Shift);
        if (left >= 64 || right >= 64) return (lowest, to.Max);
        least = (least << left) >> right;
        most = (most << left) + ((Int128.One << right) - 1) >> right;
        return least >= lowest && most <= to.Max ? (least, most) : (lowest, to.Max);
    }
}
