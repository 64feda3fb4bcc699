using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>One layer, prepared. Steps hold no state of a run, so threads share them.</summary>
internal abstract class Step
{
    /// <summary>Bytes of scratch that a run needs.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>Runs the layer on a block of images whose tensors lie in the workspace.</summary>
    public abstract void Run(Workspace workspace, ImageBlock block);
}

/// <summary>Where a layer stands in its program.</summary>
/// <param name="Seed">The program's seed.</param>
/// <param name="Index">Index of the layer.</param>
/// <param name="Inputs">Layouts of the tensors it reads.</param>
/// <param name="Output">Layout of the tensor it writes.</param>
/// <param name="BlockImages">The most images that a run works on at a time.</param>
internal sealed record StepPlace(
    ulong Seed, int Index, TensorLayout[] Inputs, TensorLayout Output, int BlockImages)
{
    /// <summary>The output's tensor index.</summary>
    public int OutputTensor => Index + 1;

    /// <summary>The output's shape.</summary>
    public TensorShape Shape => Output.Type.Shape;
}
