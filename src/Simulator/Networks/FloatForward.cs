using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// The float network's forward pass in plain loops: what calibration sees, and the specification
/// that gradient engines are tested against. Sums are taken in double and rounded to float once per
/// output.
/// </summary>
internal static class FloatForward
{
    /// <summary>All tensors of one image: the input first, then each layer's output.</summary>
    /// <exception cref="ArgumentException">The image's length does not fit the network.</exception>
    public static float[][] Run(FloatNetwork network, ReadOnlySpan<float> image)
    {
        if (image.Length != network.Input.Length)
            throw new ArgumentException(
                $"an image of {image.Length} values where {network.Input} is needed");
        var tensors = new float[network.Layers.Length + 1][];
        tensors[0] = image.ToArray();
        for (int i = 0; i < network.Layers.Length; i++)
        {
            FloatLayer layer = network.Layers[i];
            tensors[i + 1] = new float[network.Shape(i + 1).Length];
            Run(layer, network, tensors, tensors[i + 1], network.Shape(i + 1));
        }

        return tensors;
    }

    /// <summary>One layer of one image.</summary>
    internal static void Run(
        FloatLayer layer, FloatNetwork network, float[][] tensors, float[] output,
        TensorShape shape)
    {
        float[] input = tensors[layer.Inputs[0]];
        TensorShape from = network.Shape(layer.Inputs[0]);
        switch (layer)
        {
            case Conv2dLayer conv:
                Convolve(conv, input, from, output, shape);
                break;
            case DenseLayer dense:
                Multiply(dense, input, output);
                break;
            case ReluLayer:
                Map(input, output, x => Math.Max(x, 0));
                break;
            case MaxPool2dLayer pool:
                Pool(pool.Geometry, input, from, output, shape, isMax: true);
                break;
            case AveragePool2dLayer pool:
                Pool(pool.Geometry, input, from, output, shape, isMax: false);
                break;
            case FlattenLayer:
                input.CopyTo(output, 0);
                break;
            case SigmoidLayer:
                Map(input, output, x => 1 / (1 + Math.Exp(-x)));
                break;
            case TanhLayer:
                Map(input, output, Math.Tanh);
                break;
            case SoftmaxLayer:
                Softmax(input, output);
                break;
            case LayerNormLayer norm:
                int row = norm.Scale.Length;
                for (int first = 0; first < output.Length; first += row)
                    norm.Forward(input.AsSpan(first, row), output.AsSpan(first, row));
                break;
            case BatchNormLayer norm:
                Normalise(norm, input, from.Positions, output);
                break;
            case JoinLayer join:
                join.Forward([.. layer.Inputs.Select(i => tensors[i])], output);
                break;
            case PointLayer point:
                Map(input, output, point.Value);
                break;
            case RearrangeLayer moved:
                for (int i = 0; i < output.Length; i++)
                    output[i] = moved.Sources[i] < 0 ? 0 : input[moved.Sources[i]];
                break;
            case FakeQuantizeLayer fake:
                fake.Quantizer.Apply(input, output);
                break;
            case DynamicQuantizeLayer:
                DynamicQuantizeLayer.Apply(input, output);
                break;
            default:
                throw new NotSupportedException(
                    $"layer '{layer.Name}': {layer.Kind} has no forward pass");
        }
    }

    private static void Map(float[] input, float[] output, Func<double, double> function)
    {
        for (int i = 0; i < output.Length; i++) output[i] = (float)function(input[i]);
    }

    private static void Softmax(float[] input, float[] output)
    {
        double max = input.Max();
        double sum = input.Sum(x => Math.Exp(x - max));
        Map(input, output, x => Math.Exp(x - max) / sum);
    }

    private static void Normalise(BatchNormLayer norm, float[] input, int positions, float[] output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            int c = i / positions;
            output[i] = (float)(((double)norm.Scale[c] * input[i]) + norm.Shift[c]);
        }
    }

    private static void Multiply(DenseLayer layer, float[] input, float[] output)
    {
        for (int o = 0; o < output.Length; o++)
        {
            double sum = layer.Bias[o];
            for (int i = 0; i < input.Length; i++)
                sum += (double)layer.Weight[(o * input.Length) + i] * input[i];
            output[o] = (float)sum;
        }
    }

    private static void Convolve(
        Conv2dLayer layer, float[] input, TensorShape from, float[] output, TensorShape to)
    {
        WindowGeometry g = layer.Geometry;
        int channels = from.Channels / g.Groups;
        int outputsPerGroup = to.Channels / g.Groups;
        for (int o = 0, at = 0; o < to.Channels; o++)
            for (int row = 0; row < to.Rows; row++)
                for (int column = 0; column < to.Columns; column++, at++)
                {
                    double sum = layer.Bias[o];
                    for (int c = 0; c < channels; c++)
                        for (int kr = 0; kr < g.KernelRows; kr++)
                            for (int kc = 0; kc < g.KernelColumns; kc++)
                            {
                                int y = (row * g.StrideRows) - g.PadTop + (kr * g.DilationRows);
                                int x = (column * g.StrideColumns) - g.PadLeft
                                    + (kc * g.DilationColumns);
                                if (y < 0 || y >= from.Rows || x < 0 || x >= from.Columns) continue;
                                int channel = (o / outputsPerGroup * channels) + c;
                                int taps = (((o * channels) + c) * g.KernelRows) + kr;
                                int weight = (taps * g.KernelColumns) + kc;
                                sum +=
                                    (double)layer.Weight[weight]
                                    * input[(((channel * from.Rows) + y) * from.Columns) + x];
                            }

                    output[at] = (float)sum;
                }
    }

    private static void Pool(
        WindowGeometry g, float[] input, TensorShape from, float[] output, TensorShape to,
        bool isMax)
    {
        for (int c = 0, at = 0; c < to.Channels; c++)
            for (int row = 0; row < to.Rows; row++)
                for (int column = 0; column < to.Columns; column++, at++)
                {
                    double sum = 0;
                    float max = float.NegativeInfinity;
                    int count = 0;
                    for (int kr = 0; kr < g.KernelRows; kr++)
                        for (int kc = 0; kc < g.KernelColumns; kc++)
                        {
                            int y = (row * g.StrideRows) - g.PadTop + (kr * g.DilationRows);
                            int x =
                                (column * g.StrideColumns) - g.PadLeft + (kc * g.DilationColumns);
                            if (y < 0 || y >= from.Rows || x < 0 || x >= from.Columns) continue;
                            float value = input[(((c * from.Rows) + y) * from.Columns) + x];
                            sum += value;
                            max = Math.Max(max, value);
                            count++;
                        }

                    output[at] = isMax ? max : (float)(sum / count);
                }
    }
}
