namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Values by one accumulation; flags, where they are wanted, by another that leaves values alone.
/// </summary>
/// <remarks>
/// Needs a tile that Accumulation.Run let in, once for values and once for flags.
/// </remarks>
internal sealed unsafe class FlaggedAccumulation(
    Accumulation<short, int> values, Accumulation<short, int> flags) : Accumulation<short, int>
{
    public override int Padded => values.Padded;

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        values.Run(tile);
        if (tile.Flags != null) flags.Run(tile);
    }
}
