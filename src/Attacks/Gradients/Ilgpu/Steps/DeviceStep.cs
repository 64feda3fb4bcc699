using System.Collections.Immutable;
using ILGPU;
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
}
