using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// Accumulators to output values in the output's layout: one requantization loop.
/// </summary>
internal abstract class OutputStage<TAcc>
    where TAcc : unmanaged
{
    /// <summary>Requantizes a tile's accumulators of one group.</summary>
    /// <exception cref="InvalidOperationException">The tile is none of the block's.</exception>
    public void Run(Workspace workspace, in OutputTile<TAcc> tile)
    {
        Door.Needs(tile.HasAccumulators && tile.First >= 0 && tile.Columns > 0);
        Door.Needs(
            (long)tile.First + tile.Columns <= (long)tile.Block.Images * Positions
            && tile.Stride >= GroupChannels);
        Requantize(workspace, tile);
    }

    /// <summary>Outputs per channel of an image.</summary>
    protected abstract int Positions { get; }

    protected abstract int GroupChannels { get; }

    /// <summary>The same, for a tile that was looked at.</summary>
    protected abstract void Requantize(Workspace workspace, in OutputTile<TAcc> tile);
}

/// <summary>What a tile looks like after accumulation.</summary>
internal readonly unsafe struct OutputTile<TAcc>
    where TAcc : unmanaged
{
    /// <summary>First column: image * positions + position.</summary>
    public required int First { get; init; }

    /// <summary>Columns that count.</summary>
    public required int Columns { get; init; }

    /// <summary>The group of channels.</summary>
    public required int Group { get; init; }

    /// <summary>The images.</summary>
    public required ImageBlock Block { get; init; }

    /// <summary>[column][channel], columns <see cref="Stride"/> apart.</summary>
    public required TAcc* Accumulators { get; init; }

    /// <summary>Whether there are any.</summary>
    public bool HasAccumulators => Accumulators != null;

    /// <summary>Flags like <see cref="MacTile{TRow, TAcc}.Flags"/>.</summary>
    public required TAcc* Flags { get; init; }

    /// <summary>Distance between kinds of flags.</summary>
    public required int FlagPlane { get; init; }

    /// <summary>Accumulators per column.</summary>
    public required int Stride { get; init; }
}
