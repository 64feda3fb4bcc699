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

/// <summary>A step and what to call it.</summary>
/// <param name="Name">As <c>qsim profiles explain --network</c> shows it.</param>
/// <param name="Step">The step.</param>
internal sealed record NamedStep(string Name, Step Step)
{
    /// <summary>This one for runs without events, another for those with.</summary>
    public NamedStep Or(NamedStep withEvents) => new(
        $"{Name} (with events: {withEvents.Name})", new EventsOrSpeed(withEvents.Step, Step));
}

/// <summary>One step for runs that collect events, a faster one for those that do not.</summary>
internal sealed class EventsOrSpeed(Step withEvents, Step withoutEvents) : Step
{
    public override long ScratchBytes =>
        Math.Max(withEvents.ScratchBytes, withoutEvents.ScratchBytes);

    public override void Run(Workspace workspace, ImageBlock block) =>
        (block.CollectEvents ? withEvents : withoutEvents).Run(workspace, block);
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
