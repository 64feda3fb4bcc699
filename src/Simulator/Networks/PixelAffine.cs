using System.Collections.Immutable;

namespace QSim.Simulator.Networks;

/// <summary>What is done to pixels ahead of a network, as its first layer.</summary>
internal static class PixelAffine
{
    /// <summary>
    /// The network of <c>scale * pixel + shift</c>, per channel: a layer more, or the first one
    /// changed where it is such a layer already and alone reads the image.
    /// </summary>
    /// <param name="network">The network of what comes out.</param>
    /// <param name="name">The layer's name; underscores are added until it is unique.</param>
    /// <param name="scale">One per channel.</param>
    /// <param name="shift">One per channel.</param>
    public static FloatNetwork Before(
        FloatNetwork network, string name, double[] scale, double[] shift)
    {
        bool isDynamic = network.Layers.Any(l => l is DynamicQuantizeLayer);
        if (network.Layers[0] is BatchNormLayer { Inputs: [0] } norm
            && (!isDynamic || norm.Float32 is null)
            && network.Layers.Skip(1).All(l => !l.Inputs.Contains(0)))
            return new(network.Name, network.Input, network.Layers.SetItem(0, norm with
            {
                Scale = [.. norm.Scale.Select((s, c) => (float)(s * scale[c]))],
                Shift = [.. norm.Shift.Select((b, c) => (float)(b + (norm.Scale[c] * shift[c])))],
                Float32 = null,
            }));
        while (network.Layers.Any(l => l.Name == name)) name += "_";
        var first = new BatchNormLayer(
            name, [0], [.. scale.Select(s => (float)s)], [.. shift.Select(s => (float)s)]);
        ImmutableArray<FloatLayer> rest =
            [.. network.Layers.Select(l => l with { Inputs = [.. l.Inputs.Select(i => i + 1)] })];
        return new(network.Name, network.Input, [first, .. rest]);
    }
}
