using System.Collections.Immutable;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// One layer's arithmetic over a block of images (<see cref="ImageLanes"/>). Kernels hold what
/// belongs to the layer (packed weights); everything that belongs to a thread is in its
/// <see cref="Workspace"/>.
/// </summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say.
/// </remarks>
internal abstract unsafe class LayerKernel(FloatNetwork network, int index) : IDisposable
{
    /// <summary>The network, for shapes.</summary>
    protected FloatNetwork Network { get; } = network;

    /// <summary>Whether some input is not the image itself.</summary>
    public bool ReadsMoreThanImage { get; } = network.Layers[index].Inputs.Any(t => t > 0);

    /// <summary>The layer's index; its output is tensor Index + 1.</summary>
    public int Index { get; } = index;

    /// <summary>The tensors that it reads.</summary>
    public ImmutableArray<int> Inputs { get; } = network.Layers[index].Inputs;

    /// <summary>The tensor that it reads, where that is one.</summary>
    public int Input { get; } = network.Layers[index].Inputs[0];

    /// <summary>The tensor that it writes.</summary>
    public int Output => Index + 1;

    /// <summary>Scratch floats per thread.</summary>
    public virtual long ScratchLength => 0;

    /// <summary>Whether input and output are the same memory, values and gradients.</summary>
    public bool IsInPlace { get; set; }

    /// <summary>
    /// By input: whether its gradient already holds what later layers made of it.
    /// </summary>
    public bool[] Adds { get; } = new bool[network.Layers[index].Inputs.Length];

    /// <summary>Whether the backward pass reads the input's values.</summary>
    public virtual bool BackwardReadsInput => false;

    /// <summary>Whether the backward pass reads the output's values.</summary>
    public virtual bool BackwardReadsOutput => false;

    /// <summary>Fills the output from the input.</summary>
    public abstract void Forward(Workspace work);

    /// <summary>
    /// Stores in the inputs' gradients what the output's gradient makes of them, or adds it.
    /// </summary>
    public abstract void Backward(Workspace work);

    /// <summary>
    /// Adds d loss / d parameters, summed over the block, in the order of the layer's parameters.
    /// </summary>
    public virtual void ParameterGradients(Workspace work, float* gradients)
    {
    }

    /// <summary>Takes over the layer's current parameters.</summary>
    public virtual void Repack()
    {
    }

    public virtual void Dispose()
    {
    }
}
