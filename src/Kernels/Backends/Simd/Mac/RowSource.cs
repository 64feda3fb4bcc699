using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>Where the rows of a tile's columns come from.</summary>
/// <remarks>
/// Needs columns of the block's images and a buffer for their rows: MacStep makes both.
/// </remarks>
internal abstract unsafe class RowSource<TRow>
    where TRow : unmanaged
{
    /// <summary>Values from one row to the next, at least <see cref="Order"/>'s length.</summary>
    public abstract int Stride { get; }

    /// <summary>For each step, the index of its weight in the filter as stored.</summary>
    public abstract int[] Order { get; }

    /// <summary>Bytes of scratch that <see cref="Prepare"/> needs.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>
    /// What rows are taken from: the input tensor of a block of images, or a copy of it.
    /// </summary>
    /// <param name="input">The input tensor in its layout.</param>
    /// <param name="images">How many images.</param>
    /// <param name="scratch">Room for a copy.</param>
    public virtual void* Prepare(void* input, int images, byte* scratch) => input;

    /// <summary>The rows of some columns, in the buffer or where they lie already.</summary>
    /// <param name="input">What <see cref="Prepare"/> returned.</param>
    /// <param name="first">The first column.</param>
    /// <param name="columns">How many.</param>
    /// <param name="group">The group of channels.</param>
    /// <param name="buffer">Room for the rows.</param>
    public abstract TRow* Fill(void* input, int first, int columns, int group, TRow* buffer);

    /// <summary>Channels fastest: the order in which the tensor lies in memory.</summary>
    protected static int[] ChannelLast(MacLayer layer) =>
        ReductionPlan.WeightIndices(
            layer with
            {
                Mac = layer.Mac with { Order = ReductionOrder.ChannelLast },
            }
        );
}
