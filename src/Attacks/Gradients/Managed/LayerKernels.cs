using QSim.Attacks.Methods.Adaptive;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>The one list of layers that the managed engine differentiates.</summary>
internal static class LayerKernels
{
    /// <summary>The kernel of a layer.</summary>
    /// <exception cref="NotSupportedException">
    /// The engine does not know the layer's type.
    /// </exception>
    public static LayerKernel Create(FloatNetwork network, int index) =>
        network.Layers[index] switch
        {
            Conv2dLayer layer => new ConvKernel(network, index, layer),
            DenseLayer layer => new DenseKernel(network, index, layer),
            MaxPool2dLayer layer => new MaxPoolKernel(network, index, layer),
            AveragePool2dLayer layer => new AveragePoolKernel(network, index, layer),
            ReluLayer => new ReluKernel(network, index),
            FlattenLayer => new FlattenKernel(network, index),
            SigmoidLayer => new SigmoidKernel(network, index),
            TanhLayer => new TanhKernel(network, index),
            SoftmaxLayer => new SoftmaxKernel(network, index),
            BatchNormLayer layer => new BatchNormKernel(network, index, layer),
            AddLayer => new AddKernel(network, index),
            ConcatLayer => new ConcatKernel(network, index),
            PointLayer layer => new PointKernel(network, index, layer),
            RearrangeLayer layer => new RearrangeKernel(network, index, layer),
            MultiplyLayer => new MultiplyKernel(network, index),
            WrapLayer layer => new WrapKernel(network, index, layer),
            FakeQuantizeLayer layer => new FakeQuantizeKernel(network, index, layer.Quantizer),
            LayerNormLayer layer => new LayerNormKernel(network, index, layer),
            DynamicQuantizeLayer => new DynamicQuantizeKernel(network, index),
            FloatLayer layer => throw new NotSupportedException(
                $"layer '{layer.Name}': the managed gradient engine has no {layer.Kind}"),
        };
}
