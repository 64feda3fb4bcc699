using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>The one list of layers that are differentiated on a device.</summary>
internal static class DeviceSteps
{
    /// <summary>Why a network cannot be differentiated on a device; null if it can.</summary>
    public static string? WhyNot(FloatNetwork network) =>
        network.Layers.Where((_, i) => Maker(network, i) is null).Select(Unknown)
            .FirstOrDefault();

    /// <summary>A layer on a device.</summary>
    /// <exception cref="NotSupportedException">No kernel is written for its type.</exception>
    public static DeviceStep Create(FloatNetwork network, int index, DeviceSession session) =>
        Maker(network, index)?.Invoke(session)
            ?? throw new NotSupportedException(Unknown(network.Layers[index]));

    private static Func<DeviceSession, DeviceStep>? Maker(FloatNetwork network, int index) =>
        network.Layers[index] switch
        {
            Conv2dLayer layer => s => new ProductStep(
                network, index, s, layer.Geometry, layer.Weight, layer.Bias),
            DenseLayer layer => s => new ProductStep(
                network, index, s, null, layer.Weight, layer.Bias),
            MaxPool2dLayer layer => _ => new MaxPoolStep(network, index, layer.Geometry),
            AveragePool2dLayer layer => _ => new AveragePoolStep(network, index, layer.Geometry),
            ReluLayer => _ => new ReluStep(network, index),
            SigmoidLayer => _ => new SigmoidStep(network, index),
            TanhLayer => _ => new TanhStep(network, index),
            SoftmaxLayer => _ => new SoftmaxStep(network, index),
            FlattenLayer => _ => new FlattenStep(network, index),
            AddLayer => _ => new AddStep(network, index),
            ConcatLayer => _ => new ConcatStep(network, index),
            BatchNormLayer layer => s => new BatchNormStep(network, index, s, layer),
            PointLayer layer => _ => new PointStep(network, index, layer),
            RearrangeLayer layer => s => new RearrangeStep(network, index, s, layer),
            MultiplyLayer => _ => new MultiplyStep(network, index),
            FakeQuantizeLayer layer =>
                _ => new FakeQuantizeStep(network, index, layer.Quantizer),
            _ => null,
        };

    private static string Unknown(FloatLayer layer) =>
        $"layer '{layer.Name}': the ilgpu gradient engine has no {layer.Kind}";
}
