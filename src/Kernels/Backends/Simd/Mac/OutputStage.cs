namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>Accumulators to output values in the output's layout: one requantization loop.</summary>
internal abstract unsafe class OutputStage<TAcc>
    where TAcc : unmanaged
{
    /// <summary>Requantizes one column's channels of one group.</summary>
    /// <param name="workspace">Where outputs and events go.</param>
    /// <param name="column">What is known about the column.</param>
    /// <param name="accumulators">Its accumulators, [channel].</param>
    /// <param name="flags">Its flags of the first kind, or null.</param>
    /// <param name="flagPlane">Distance between kinds of flags.</param>
    public abstract void Run(
        Workspace workspace, in MacColumn column, TAcc* accumulators, TAcc* flags, int flagPlane);
}

/// <summary>One column of a block of images.</summary>
/// <param name="Column">image * positions + position.</param>
/// <param name="Group">The group of channels.</param>
/// <param name="Block">The images.</param>
internal readonly record struct MacColumn(int Column, int Group, ImageBlock Block);
