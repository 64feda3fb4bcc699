using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>
/// What the raw input means, moved into the weights that meet it: a gain, and the normalisation
/// that the network begins with.
/// </summary>
internal static class InputFolding
{
    /// <summary>
    /// The network whose first weights compute with inputs smaller by <paramref name="gain"/>;
    /// null where these meet anything else. Effectively <c>w' = w * scale * gain</c> and <c>b' = b
    /// +
    /// sum(w) * (shift + scale * zero)</c> by input channel.
    /// </summary>
    /// <param name="network">The network; not changed.</param>
    /// <param name="gain">What a pixel is in units of what the hardware reads.</param>
    /// <param name="norm">Its normalisation; null for none.</param>
    /// <param name="zero">The pixel that the hardware reads as 0, as a share of white.</param>
    public static FloatNetwork? Fold(
        FloatNetwork network, double gain, BatchNormLayer? norm, double zero)
    {
        if (gain == 1 && norm is null) return network;
        var layers = network.Layers.ToBuilder();
        bool[] isInput = new bool[layers.Count + 1];
        isInput[0] = true;
        for (int i = 0; i < layers.Count; i++)
        {
            FloatLayer layer = layers[i];
            int read = layer.Inputs.Count(t => isInput[t]);
            if (read == 0) continue;
            if (layer == norm)
            {
                isInput[i + 1] = true;
                continue;
            }

            if (layer is Conv2dLayer or DenseLayer)
            {
                Terms terms = new(network, layer, gain, norm, zero);
                layers[i] = layer switch
                {
                    Conv2dLayer conv => conv with { Weight = terms.Weight, Bias = terms.Bias },
                    DenseLayer dense => dense with { Weight = terms.Weight, Bias = terms.Bias },
                    _ => throw new InvalidOperationException($"{layer.Kind} has no weights"),
                };
                continue;
            }

            if (read < layer.Inputs.Length || !Passes(layer, norm is not null)) return null;
            isInput[i + 1] = true;
        }

        return isInput[^1] ? null : new(network.Name, network.Input, layers.ToImmutable());
    }

    /// <summary>
    /// The raw value that stands for a normalised 0, which is what padding contributes: the nearest
    /// one to the channels' common mean. 0 where nothing pads.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="norm">Its normalisation.</param>
    /// <param name="levels">Values of a byte per raw step.</param>
    /// <param name="max">The largest raw value.</param>
    public static int ZeroPoint(
        FloatNetwork network, BatchNormLayer norm, double levels, long max)
    {
        bool pads = network.Layers.Any(
            l => l is Conv2dLayer conv && l.Inputs.Contains(1) && Pads(conv.Geometry));
        if (!pads) return 0;
        double mean = norm.Scale
            .Zip(norm.Shift, (scale, shift) => -(double)shift / scale).Average();
        return double.IsFinite(mean) ? (int)Math.Round(Math.Clamp(mean * 255 / levels, 0, max)) : 0;
    }

    private static bool Pads(WindowGeometry g) =>
        g.PadTop > 0 || g.PadLeft > 0 || g.PadBottom > 0 || g.PadRight > 0;

    /// <summary>Layers that make of k times their input k times their output.</summary>
    private static bool Passes(FloatLayer layer, bool isNormalized) =>
        layer is FlattenLayer
        || (!isNormalized && layer is MaxPool2dLayer or AveragePool2dLayer or ReluLayer
            or Networks.AddLayer or Networks.ConcatLayer or Networks.RearrangeLayer);

    /// <summary>The parameters of a layer that meets the input.</summary>
    private readonly struct Terms
    {
        public Terms(
            FloatNetwork network, FloatLayer layer, double gain, BatchNormLayer? norm, double zero)
        {
            float[] weight = layer.Parameters[0], bias = layer.Parameters[1];
            (Weight, Bias) = (new float[weight.Length], [.. bias]);
            TensorShape input = network.Shape(layer.Inputs[0]);
            int depth = weight.Length / bias.Length;
            int groups = layer is Conv2dLayer { Geometry.Groups: var g } ? g : 1;
            int channels = input.Channels / groups;

            // A dense layer's features are the positions of the image's channels, flattened.
            int perChannel = norm is null ? 1
                : layer is DenseLayer ? depth / norm.Scale.Length : depth / channels;
            for (int output = 0; output < bias.Length; output++)
            {
                int first = layer is DenseLayer ? 0 : output / (bias.Length / groups) * channels;
                double moved = bias[output];
                for (int k = 0; k < depth; k++)
                {
                    int at = (output * depth) + k;
                    int channel = first + (k / perChannel);
                    double scale = norm?.Scale[channel] ?? 1, shift = norm?.Shift[channel] ?? 0;
                    Weight[at] = (float)(weight[at] * scale * gain);
                    moved += weight[at] * (shift + (scale * zero));
                }

                if (norm is not null) Bias[output] = (float)moved;
            }
        }

        public float[] Weight { get; }

        public float[] Bias { get; }
    }
}
