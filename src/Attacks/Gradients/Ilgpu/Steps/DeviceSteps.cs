using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>The one list of layers that are differentiated on a device.</summary>
internal static class DeviceSteps
{
    /// <summary>A layer on a device.</summary>
    /// <exception cref="NotSupportedException">No kernel is written for its type.</exception>
    public static DeviceStep Create(FloatNetwork network, int index, DeviceSession session) =>
        network.Layers[index] switch
        {
            Conv2dLayer layer => new ProductStep(
                network, index, session, layer.Geometry, layer.Weight, layer.Bias),
            DenseLayer layer => new ProductStep(
                network, index, session, null, layer.Weight, layer.Bias),
            MaxPool2dLayer layer => new MaxPoolStep(network, index, layer.Geometry),
            AveragePool2dLayer layer => new AveragePoolStep(network, index, layer.Geometry),
            ReluLayer => new ReluStep(network, index),
            SigmoidLayer => new SigmoidStep(network, index),
            TanhLayer => new TanhStep(network, index),
            SoftmaxLayer => new SoftmaxStep(network, index),
            FlattenLayer => new FlattenStep(network, index),
            AddLayer => new AddStep(network, index),
            ConcatLayer => new ConcatStep(network, index),
            BatchNormLayer layer => new BatchNormStep(network, index, session, layer),
            PointLayer layer => new PointStep(network, index, layer),
            RearrangeLayer layer => new RearrangeStep(network, index, session, layer),
            MultiplyLayer => new MultiplyStep(network, index),
            FakeQuantizeLayer layer => new FakeQuantizeStep(network, index, layer.Quantizer),
            FloatLayer layer => throw new NotSupportedException(
                $"layer '{layer.Name}': the ilgpu gradient engine has no {layer.Kind}"),
        };
}
