using System.Numerics;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Events;

/// <summary>
/// Where the events of one stage of a layer are seen, one vector of channels at a time.
/// </summary>
/// <param name="stage">The stage.</param>
internal abstract class EventSource(EventStage stage)
{
    public EventStage Stage => stage;

    /// <summary>How many of a tile's columns overflowed and were inexact, per channel.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="lane">The first channel, seen from the group's first.</param>
    public abstract (Vector<int> Overflowed, Vector<int> Inexact) Count(
        in OutputTile<int> tile, int lane);

    /// <summary>All ones where a column overflowed.</summary>
    public abstract Vector<int> Overflowed(in OutputTile<int> tile, int column, int lane);
}
