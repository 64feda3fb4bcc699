using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd.Mac.Events;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// Requantization to 16-bit storage, one vector of channels down all columns. Events are counted in
/// a pass of their own.
/// </summary>
/// <remarks>
/// Needs a tile that OutputStage.Run let in, of a group that the layer has, which it asserts.
/// </remarks>
internal abstract unsafe class VectorOutput(MacShape shape, StepPlace place, TileEvents events)
    : OutputStage<int>
{
    private readonly bool _spills = shape.Groups == 1;

    /// <inheritdoc/>
    protected override int Positions => shape.Positions;

    /// <inheritdoc/>
    protected override int GroupChannels => shape.GroupChannels;

    /// <inheritdoc/>
    protected override void Requantize(Workspace workspace, in OutputTile<int> tile)
    {
        Door.Needs(tile.Group >= 0 && tile.Group < shape.Groups);
        if (tile.Block.CollectEvents) events.Count(workspace, tile);

        // The last vector first: what it writes too much is the next column's first channels,
        // written after it.
        int lanes = Vector<short>.Count;
        for (int lane = (shape.GroupChannels - 1) / lanes * lanes; lane >= 0; lane -= lanes)
        {
            bool whole = _spills || lane + lanes <= shape.GroupChannels;
            int channel = (tile.Group * shape.GroupChannels) + lane;
            Run(
                new()
                {
                    Channel = channel,
                    From = tile.Accumulators + lane,
                    End = tile.Accumulators + lane + (tile.Columns * tile.Stride),
                    FromStride = tile.Stride,
                    To =
                        workspace.Tensor<short>(place.OutputTensor, tile.Block.Images)
                        + ((long)tile.First * shape.Channels)
                        + channel,
                    ToStride = shape.Channels,
                    HasHigh = lane + (lanes / 2) < shape.GroupChannels,
                    Width = whole ? lanes : shape.GroupChannels - lane,
                }
            );
        }
    }

    /// <summary>Requantizes the columns of one vector of channels.</summary>
    protected abstract void Run(in OutputLanes lanes);

    /// <summary>Stores as many outputs as belong to the group.</summary>
    protected static void Store(Vector<short> outputs, short* to, int width)
    {
        if (width == Vector<short>.Count) outputs.Store(to);
        else for (int i = 0; i < width; i++) to[i] = outputs[i];
    }
}

/// <summary>One vector of channels of a tile.</summary>
internal readonly unsafe struct OutputLanes
{
    /// <summary>The first channel.</summary>
    public required int Channel { get; init; }

    /// <summary>Its first accumulator.</summary>
    public required int* From { get; init; }

    /// <summary>Beyond its last.</summary>
    public required int* End { get; init; }

    /// <summary>From one column to the next.</summary>
    public required int FromStride { get; init; }

    /// <summary>Its first output.</summary>
    public required short* To { get; init; }

    /// <summary>From one column to the next.</summary>
    public required int ToStride { get; init; }

    /// <summary>Whether the vector's upper half holds channels at all.</summary>
    public required bool HasHigh { get; init; }

    /// <summary>How many channels to store.</summary>
    public required int Width { get; init; }
}
