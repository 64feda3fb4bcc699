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
    public abstract void Run(in MacTile<TRow, TAcc> tile);
}
