using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>Where the rows of a tile's columns come from.</summary>
internal abstract unsafe class RowSource<TRow>
    where TRow : unmanaged
{
    /// <summary>Values from one row to the next, at least <see cref="Order"/>'s length.</summary>
    public abstract int Stride { get; }

    /// <summary>For each step, the index of its weight in the filter as stored.</summary>
    public abstract int[] Order { get; }

    /// <summary>The rows of some columns, in the buffer or where they lie already.</summary>
    /// <param name="input">The input tensor in its layout.</param>
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
