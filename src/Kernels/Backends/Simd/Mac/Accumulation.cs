using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// Rows of inputs to accumulators: one multiply-accumulate loop with its packed weights.
/// </summary>
internal abstract class Accumulation<TRow, TAcc>
    where TRow : unmanaged
    where TAcc : unmanaged
{
    /// <summary>Channels of a group, padded to whole vectors.</summary>
    public abstract int Padded { get; }

    /// <summary>Accumulates every column of the tile; raises flags where it has them.</summary>
    /// <exception cref="InvalidOperationException">
    /// The tile has no room for what this stores. Rows and accumulators are there up to a multiple
    /// of the columns that loops work on at a time.
    /// </exception>
    public void Run(in MacTile<TRow, TAcc> tile)
    {
        Door.Needs(tile.HasRows && tile.Columns > 0 && tile.PaddedColumns <= tile.Room);
        Door.Needs(Padded > 0 && Padded <= tile.Channels);
        Accumulate(tile);
    }

    /// <summary>The same, for a tile that was looked at.</summary>
    protected abstract void Accumulate(in MacTile<TRow, TAcc> tile);
}
