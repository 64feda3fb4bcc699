using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>Batch normalisation into the convolution or dense layer before it.</summary>
internal static class BatchNormFolding
{
    /// <summary>
    /// The same function without the batch norms that follow a convolution, dense layer or other
    /// batch norm whose output nothing else reads: <c>w' = w * scale</c>, <c>b' = b * scale +
    /// shift</c>, in double and rounded once. Others stay; so do, where a network finds scales in
    /// each image, those whose float32 numbers are known, but for the addend that is a bias; and,
    /// where a network has scales of its own, those behind a norm of anything but pixels.
    /// </summary>
    public static FloatNetwork Fold(FloatNetwork network)
    {
        int[] readers = new int[network.Layers.Length + 1];
        foreach (int input in network.Layers.SelectMany(l => l.Inputs)) readers[input]++;
        bool isDynamic = network.Layers.Any(l => l is DynamicQuantizeLayer);
        var layers = new List<FloatLayer>();
        int[] tensorOf = new int[network.Layers.Length + 1];
        for (int i = 0; i < network.Layers.Length; i++)
        {
            FloatLayer layer = network.Layers[i] with
            {
                Inputs = [.. network.Layers[i].Inputs.Select(t => tensorOf[t])],
            };
            int before = layer.Inputs[0] - 1;
            if (layer is BatchNormLayer norm
                && before >= 0
                && readers[network.Layers[i].Inputs[0]] == 1
                && (!isDynamic || norm.Float32 is null || IsFirstBias(layers[before], norm))
                && !(network.IsQuantized && IsNumbers(layers[before], norm))
                && Folded(layers[before], norm) is FloatLayer folded)
            {
                layers[before] = folded;
                tensorOf[i + 1] = before + 1;
                continue;
            }

            layers.Add(layer);
            tensorOf[i + 1] = layers.Count;
        }

        return new(network.Name, network.Input, [.. layers]);
    }

    /// <summary>
    /// The same function without batch norms that hardware would have to run as they are: folded
    /// where <see cref="Fold"/> can, else a 1x1 convolution of each channel by itself. One that
    /// alone reads the image stays: it is preprocessing (<see cref="Preprocessing"/>).
    /// </summary>
    public static FloatNetwork ForHardware(FloatNetwork network)
    {
        FloatNetwork folded = Fold(network);
        BatchNormLayer? first = Preprocessing(folded);
        return new(
            folded.Name,
            folded.Input,
            [
                .. folded.Layers.Select(l =>
                    l is BatchNormLayer norm && norm != first ? AsConvolution(norm) : l),
            ]);
    }

    /// <summary>
    /// The batch norm that is the first layer and the only one to read the image: the mean and the
    /// deviation that a network's author divides pixels by. Null where there is none.
    /// </summary>
    public static BatchNormLayer? Preprocessing(FloatNetwork network) =>
        network.Layers[0] is BatchNormLayer norm && network.Layers.Length > 1
        && network.Layers.Count(l => l.Inputs.Contains(0)) == 1
            ? norm
            : null;

    /// <summary>A 1x1 convolution of each channel by itself, as hardware runs it.</summary>
    public static Conv2dLayer AsConvolution(BatchNormLayer norm) =>
        new(
            norm.Name, norm.Inputs, norm.Scale.Length,
            new WindowGeometry(Groups: norm.Scale.Length), norm.Scale, norm.Shift)
        {
            Float32 = norm.Float32,
        };

    /// <summary>Whether a norm is the one addend of sums with a scale of each image.</summary>
    private static bool IsFirstBias(FloatLayer layer, BatchNormLayer norm) =>
        OwnWeights.Of(layer) is { IsDynamic: true }
        && norm.Scale.All(s => s == 1) && layer.Parameters[1].All(b => b == 0);

    /// <summary>
    /// Whether a norm computes with what another computed of anything but pixels: between
    /// quantizers both are rounded to float32.
    /// </summary>
    private static bool IsNumbers(FloatLayer layer, BatchNormLayer norm) =>
        norm.Float32 is not null
        && layer is BatchNormLayer { Float32: not null } && layer.Inputs[0] != 0;

    private static FloatLayer? Folded(FloatLayer layer, BatchNormLayer norm) =>
        layer switch
        {
            Conv2dLayer conv => conv with
            {
                Weight = Scaled(conv.Weight, norm),
                Bias = Shifted(conv.Bias, norm),
                Own = OwnWeights.Of(conv)?.Scaled(Scaled(conv.Weight, norm), norm.Scale),
                Numbers = FloatMac.Of(conv)?.Plus(
                    Scaled(conv.Weight, norm), Shifted(conv.Bias, norm), norm),
            },
            DenseLayer dense => dense with
            {
                Weight = Scaled(dense.Weight, norm),
                Bias = Shifted(dense.Bias, norm),
                Own = OwnWeights.Of(dense)?.Scaled(Scaled(dense.Weight, norm), norm.Scale),
                Numbers = FloatMac.Of(dense)?.Plus(
                    Scaled(dense.Weight, norm), Shifted(dense.Bias, norm), norm),
            },
            BatchNormLayer first => first with
            {
                Scale = Scaled(first.Scale, norm),
                Shift = Shifted(first.Shift, norm),
                Float32 = null,
            },
            _ => null,
        };

    private static float[] Scaled(float[] weight, BatchNormLayer norm)
    {
        int depth = weight.Length / norm.Scale.Length;
        return [.. weight.Select((w, i) => (float)((double)w * norm.Scale[i / depth]))];
    }

    private static float[] Shifted(float[] bias, BatchNormLayer norm) =>
        [.. bias.Select((b, c) => (float)(((double)b * norm.Scale[c]) + norm.Shift[c]))];
}
