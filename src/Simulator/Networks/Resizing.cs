using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// What a file says of a convolution that makes images larger, of zeros between their values: the
/// tool that the network came with blends the values themselves, in float32 or, of integers, in
/// 1024ths of a pixel, and cuts off what is left of a raw value there.
/// </summary>
/// <param name="Weight">
/// The weights that the layer had then; of others nothing is known.
/// </param>
/// <param name="Scale">How large they become.</param>
/// <param name="Order">Of float32 numbers, in which order four are summed.</param>
/// <param name="IsOfIntegers">Whether it reads integers.</param>
internal sealed record Resizing(
    float[] Weight, ResizeScale Scale, ResizeOrder Order, bool IsOfIntegers)
{
    /// <summary>What is known of a layer that has the weights that it had then.</summary>
    public static Resizing? Of(FloatLayer layer) =>
        layer is Conv2dLayer { Resizing: { } own } conv
            && own.Weight.AsSpan().SequenceEqual(conv.Weight) && conv.Bias.All(b => b == 0)
            ? own
            : null;

    /// <summary>New positions by which an old value reaches forward.</summary>
    /// <param name="scale">New positions for an old one.</param>
    /// <param name="place">Where old values stand.</param>
    public static int Reach(int scale, ResizePlace place) =>
        (int)Math.Ceiling((place == ResizePlace.HalfPixel ? (scale - 1) / 2.0 : 0) + scale) - 1;

    /// <summary>The layer that blends an image for which another puts zeros between its values.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="index">The layer that puts the zeros.</param>
    /// <returns>Null where there is none.</returns>
    public static int? Reader(FloatNetwork network, int index)
    {
        if (network.Layers[index] is not RearrangeLayer) return null;
        int[] readers =
        [
            .. Enumerable.Range(index + 1, network.Layers.Length - index - 1)
                .Where(i => network.Layers[i].Inputs.Contains(index + 1)),
        ];
        return readers is [var reader] && Of(network.Layers[reader]) is not null ? reader : null;
    }

    /// <summary>The image without zeros between its values.</summary>
    /// <param name="network">The network.</param>
    /// <param name="index">The layer that puts zeros there.</param>
    /// <param name="reader">The layer that blends it.</param>
    /// <returns>Null where it is what is read.</returns>
    public static RearrangeLayer? Image(FloatNetwork network, int index, int reader)
    {
        var spread = (RearrangeLayer)network.Layers[index];
        ResizeScale scale = Of(network.Layers[reader])!.Scale;
        TensorShape from = network.Shape(spread.Inputs[0]), to = network.Shape(reader + 1);
        TensorShape image = new(to.Channels, to.Rows / scale.Rows, to.Columns / scale.Columns);
        int[] sources =
        [
            .. from channel in Enumerable.Range(0, image.Channels)
               from row in Enumerable.Range(0, image.Rows)
               from column in Enumerable.Range(0, image.Columns)
               let at = (channel * spread.Shape.Rows)
                   + (row * scale.Rows) + Reach(scale.Rows, scale.Place)
               select spread.Sources[(at * spread.Shape.Columns)
                   + (column * scale.Columns) + Reach(scale.Columns, scale.Place)],
        ];
        return from == image && sources.Index().All(s => s.Index == s.Item)
            ? null
            : new(spread.Name, spread.Inputs, image, [.. sources]);
    }
}
