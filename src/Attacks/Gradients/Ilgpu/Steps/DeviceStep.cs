using System.Collections.Immutable;
using ILGPU;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>
/// One layer on a device: its parameters are there, tensors are a
/// <see cref="DeviceTensors"/>' own.
/// </summary>
/// <param name="network">The network, for shapes.</param>
/// <param name="index">The layer; its output is tensor index + 1.</param>
internal abstract class DeviceStep(FloatNetwork network, int index) : IDisposable
{
    /// <summary>The network, for shapes.</summary>
    protected FloatNetwork Network { get; } = network;

    /// <summary>The layer.</summary>
    public int Index { get; } = index;

    /// <summary>The tensors that it reads.</summary>
    public ImmutableArray<int> Inputs { get; } = network.Layers[index].Inputs;

    /// <summary>The tensor that it reads, where that is one.</summary>
    public int Input { get; } = network.Layers[index].Inputs[0];

    /// <summary>The tensor that it writes.</summary>
    public int Output => Index + 1;

    /// <summary>Whether input and output are the same memory, values and gradients.</summary>
    public bool IsInPlace { get; set; }

    /// <summary>By input: what becomes of the gradient that it is given.</summary>
    public Ending[] Endings { get; } =
        [.. network.Layers[index].Inputs.Select(_ => Ending.Plain)];

    /// <summary>Whether the backward pass reads the input's values.</summary>
    public virtual bool BackwardReadsInput => false;

    /// <summary>Whether the backward pass reads the output's values.</summary>
    public virtual bool BackwardReadsOutput => false;

    /// <summary>Queues what fills the output.</summary>
    public abstract void Forward(DeviceTensors on);

    /// <summary>Queues what gives the inputs their gradients.</summary>
    public abstract void Backward(DeviceTensors on);

    /// <summary>Takes over the layer's current parameters.</summary>
    public virtual void Upload()
    {
    }

    /// <summary>Frees the parameters.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>
    /// The gradient of an input, masked by the input's values where it has to be.
    /// </summary>
    protected Target GradientOf(DeviceTensors on, int input = 0)
    {
        int tensor = Inputs[input];
        return new(
            on.Gradients[tensor],
            Endings[input].Masks == 1 ? on.Values[tensor] : ArrayView<float>.Empty);
    }

    /// <summary>The output, as somewhere to store.</summary>
    protected Target OutputOf(DeviceTensors on) =>
        new(on.Values[Output], ArrayView<float>.Empty);

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
