using QSim.Simulator.Networks;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using WindowGeometry = QSim.Kernels.Datapath.WindowGeometry;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>
/// A float network as libtorch computes it; tensors are [image][channel][row][column].
/// </summary>
internal sealed class TorchNetwork : IDisposable
{
    private readonly FloatNetwork _network;
    private readonly Device _device;
    private readonly Tensor[][] _parameters;

    public TorchNetwork(FloatNetwork network, Device device)
    {
        _network = network;
        _device = device;
        _parameters = [.. network.Layers.Select(Upload)];
    }

    /// <summary>Every parameter tensor, layer after layer.</summary>
    public IEnumerable<Tensor> Parameters => _parameters.SelectMany(p => p);

    /// <summary>Takes over the arrays that the network holds now.</summary>
    public void Refresh()
    {
        using IDisposable noGradients = no_grad();
        for (int i = 0; i < _parameters.Length; i++)
        {
            for (int p = 0; p < _parameters[i].Length; p++)
            {
                using Tensor fresh = tensor(
                    _network.Layers[i].Parameters[p], _parameters[i][p].shape);
                _parameters[i][p].copy_(fresh);
            }
        }
    }

    /// <summary>The logits of some images, [image][class].</summary>
    /// <param name="input">The images.</param>
    /// <param name="given">
    /// Values that tensors hold instead of their own, shaped as those; the backward pass stays the
    /// layers'.
    /// </param>
    public Tensor Logits(Tensor input, IReadOnlyDictionary<int, Tensor> given)
    {
        var tensors = new Tensor[_network.Layers.Length + 1];
        tensors[0] = input;
        for (int i = 0; i < _network.Layers.Length; i++)
        {
            Tensor[] inputs = [.. _network.Layers[i].Inputs.Select(t => tensors[t])];
            tensors[i + 1] = given.TryGetValue(i + 1, out Tensor? value)
                ? Replaced(i, inputs, value)
                : Apply(i, inputs);
        }

        return tensors[^1].reshape(input.shape[0], _network.Classes);
    }

    public void Dispose()
    {
        foreach (Tensor parameter in Parameters) parameter.Dispose();
    }

    /// <summary>
    /// The value given and the layer's gradient; activations differentiate at the value given.
    /// </summary>
    private Tensor Replaced(int index, Tensor[] inputs, Tensor value)
    {
        Tensor slope = _network.Layers[index] switch
        {
            ReluLayer => inputs[0] * value.gt(0f).to_type(ScalarType.Float32),
            SigmoidLayer => inputs[0] * (value * (1f - value)),
            TanhLayer => inputs[0] * (1f - (value * value)),
            SoftmaxLayer => value * (inputs[0] - (value * inputs[0]).sum(1, true)),
            _ => Apply(index, inputs),
        };
        return value + (slope - slope.detach());
    }

    private Tensor Apply(int index, Tensor[] inputs)
    {
        Tensor x = inputs[0];
        Tensor[] parameters = _parameters[index];
        return _network.Layers[index] switch
        {
            Conv2dLayer conv => Convolve(x, parameters[0], parameters[1], conv.Geometry),
            DenseLayer => F.linear(x.reshape(x.shape[0], -1), parameters[0], parameters[1])
                .reshape(x.shape[0], -1, 1, 1),
            ReluLayer => F.relu(x),
            SigmoidLayer => x.sigmoid(),
            TanhLayer => x.tanh(),
            SoftmaxLayer => F.softmax(x, 1),
            MaxPool2dLayer pool => MaxPool(x, pool.Geometry),
            AveragePool2dLayer pool => AveragePool(x, pool.Geometry),
            FlattenLayer => x.reshape(x.shape[0], -1, 1, 1),
            AddLayer => inputs[0] + inputs[1],
            ConcatLayer => cat(inputs, 1),
            BatchNormLayer => (x * parameters[0].reshape(1, -1, 1, 1))
                + parameters[1].reshape(1, -1, 1, 1),
            MultiplyLayer => inputs[0] * inputs[1],
            RearrangeLayer moved => Move(x, moved),
            PointLayer point => Point(x, point),
            FakeQuantizeLayer quantize => TorchFakeQuantize.Apply(x, quantize.Quantizer),
            LayerNormLayer norm => Norm(x, norm),
            DynamicQuantizeLayer => TorchFakeQuantize.Dynamic(x),
            FloatLayer layer => throw new NotSupportedException(
                $"layer '{layer.Name}': the torch gradient engine has no {layer.Kind}"),
        };
    }

    private static Tensor Norm(Tensor x, LayerNormLayer layer)
    {
        Tensor Of(float[] values) => tensor(values).to(x.device).reshape(
            1, 1, x.shape[2], x.shape[3]);
        Tensor centred = x - x.mean([2L, 3L], keepdim: true);
        Tensor variance = (centred * centred).mean([2L, 3L], keepdim: true);
        return (centred / (variance + layer.Epsilon).sqrt() * Of(layer.Scale)) + Of(layer.Shift);
    }

    private static Tensor Move(Tensor x, RearrangeLayer layer)
    {
        // One more value than the image has is the zero that index -1 stands for.
        Tensor flat = F.pad(
            x.reshape(x.shape[0], 1, 1, -1), [0, 1, 0, 0], PaddingModes.Constant, 0);
        long last = flat.shape[3] - 1;
        Tensor at = tensor(layer.Sources.Select(s => s < 0 ? last : s).ToArray()).to(x.device);
        return flat.index_select(3, at).reshape(
            x.shape[0], layer.Shape.Channels, layer.Shape.Rows, layer.Shape.Columns);
    }

    /// <summary>
    /// The function on the host, differentiated by its own slope: libtorch has not all of them.
    /// </summary>
    private static Tensor Point(Tensor x, PointLayer layer)
    {
        float[] values = x.detach().cpu().contiguous().data<float>().ToArray();
        Tensor On(Func<double, double> function) => tensor(
            Array.ConvertAll(values, v => (float)function(v)), x.shape).to(x.device);
        Tensor line = On(layer.Slope) * x;
        return On(layer.Value) + (line - line.detach());
    }

    private static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, WindowGeometry window) =>
        F.conv2d(
            Padded(x, window, 0), weight, bias, [window.StrideRows, window.StrideColumns], [0L, 0L],
            [window.DilationRows, window.DilationColumns], window.Groups);

    private static Tensor MaxPool(Tensor x, WindowGeometry window) => F.max_pool2d(
        Padded(x, window, float.NegativeInfinity),
        [window.KernelRows, window.KernelColumns],
        [window.StrideRows, window.StrideColumns],
        [0L, 0L],
        [window.DilationRows, window.DilationColumns]);

    /// <summary>
    /// Sums by a convolution with ones, divided by how many values of the image each window holds.
    /// </summary>
    private static Tensor AveragePool(Tensor x, WindowGeometry window)
    {
        long channels = x.shape[1];
        Tensor weight = ones(
            channels, 1, window.KernelRows, window.KernelColumns, device: x.device);
        Tensor image = ones(1, 1, x.shape[2], x.shape[3], device: x.device);
        Tensor count = Convolve(image, weight.narrow(0, 0, 1), null, window with { Groups = 1 });
        return Convolve(x, weight, null, window with { Groups = (int)channels }) / count;
    }

    private static Tensor Padded(Tensor x, WindowGeometry window, double value) =>
        (window.PadLeft | window.PadRight | window.PadTop | window.PadBottom) == 0
            ? x
            : F.pad(
                x,
                [window.PadLeft, window.PadRight, window.PadTop, window.PadBottom],
                PaddingModes.Constant,
                value);

    private Tensor[] Upload(FloatLayer layer)
    {
        long[][] shapes = layer switch
        {
            Conv2dLayer conv =>
            [
                [conv.OutputChannels, -1, conv.Geometry.KernelRows, conv.Geometry.KernelColumns],
                [conv.OutputChannels],
            ],
            DenseLayer dense =>
            [
                [dense.OutputFeatures, -1],
                [dense.OutputFeatures],
            ],
            _ => [.. layer.Parameters.Select(p => new long[] { p.Length })],
        };
        return [.. layer.Parameters.Zip(shapes, (values, shape) =>
            tensor(values).reshape(shape).to(_device).detach().requires_grad_(true))];
    }
}
