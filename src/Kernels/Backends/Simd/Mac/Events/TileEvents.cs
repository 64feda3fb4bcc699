using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Events;

/// <summary>
/// Counts the events of a tile, channels side by side. The first overflow is looked for only where
/// there is one and none is known of an earlier image.
/// </summary>
/// <param name="groupChannels">Channels of a group.</param>
/// <param name="place">Where the layer stands.</param>
/// <param name="output">Events of its requantization.</param>
/// <param name="flags">Events that tiles have flags for, where they have any.</param>
/// <remarks>Needs a tile of a group that the layer has, which Count asserts.</remarks>
internal sealed unsafe class TileEvents(
    int groupChannels, StepPlace place, EventSource output, EventSource[] flags)
{
    private readonly int _positions = place.Shape.Positions;

    /// <summary>Events of a layer that accumulates.</summary>
    public static TileEvents Of(MacShape shape, StepPlace place, EventSource output) =>
        new(
            shape.GroupChannels, place, output,
            shape.Layer.Mac.ProductStage == ProductStage.Converted
                ? [
                    new FlagEvents(EventStage.Product, MacFlag.ProductOverflowed),
                    new FlagEvents(EventStage.Accumulator, MacFlag.AccumulatorOverflowed),
                ]
                : [new FlagEvents(EventStage.Accumulator, MacFlag.AccumulatorOverflowed)]);

    public void Count(Workspace workspace, in OutputTile<int> tile)
    {
        Door.Needs(tile.Group >= 0 && (tile.Group + 1L) * groupChannels <= place.Shape.Channels);
        EventCounter counter = workspace.Counters[place.Index];
        Count(output, counter, tile);
        if (tile.Flags == null) return;
        foreach (EventSource raised in flags) Count(raised, counter, tile);
    }

    private void Count(EventSource source, EventCounter counter, in OutputTile<int> tile)
    {
        Span<int> overflowed = stackalloc int[Vector<int>.Count];
        Span<int> inexact = stackalloc int[Vector<int>.Count];
        for (int lane = 0; lane < groupChannels; lane += Vector<int>.Count)
        {
            int lanes = Math.Min(Vector<int>.Count, groupChannels - lane);
            (Vector<int> over, Vector<int> lost) = source.Count(tile, lane);
            over.CopyTo(overflowed);
            lost.CopyTo(inexact);
            counter.Add(
                source.Stage, (tile.Group * groupChannels) + lane, overflowed[..lanes],
                inexact[..lanes]);
            if (overflowed[..lanes].ContainsAnyExcept(0)) KeepFirst(source, counter, tile, lane);
        }
    }

    private void KeepFirst(
        EventSource source, EventCounter counter, in OutputTile<int> tile, int lane)
    {
        if (!counter.MayBeFirst(source.Stage, Address(tile, 0, 0).Image)) return;
        int lanes = Math.Min(Vector<int>.Count, groupChannels - lane);
        for (int column = 0; column < tile.Columns; column++)
        {
            Vector<int> over = source.Overflowed(tile, column, lane);
            for (int i = 0; i < lanes; i++)
                // The count is in already, so only the place is added.
                if (over[i] != 0)
                    counter.Add(
                        source.Stage, Address(tile, column, lane + i).Channel, 0, 0,
                        Address(tile, column, lane + i));
        }
    }

    private ElementAddress Address(in OutputTile<int> tile, int column, int lane)
    {
        int global = tile.First + column;
        return new(
            tile.Block.FirstImage + (global / _positions),
            (tile.Group * groupChannels) + lane, global % _positions);
    }
}
