namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Values by one accumulation; flags, where they are wanted, by another that leaves values alone.
/// </summary>
internal sealed unsafe class FlaggedAccumulation(
    Accumulation<short, int> values, Accumulation<short, int> flags) : Accumulation<short, int>
{
    public override int Padded => values.Padded;

    public override void Run(in MacTile<short, int> tile)
    {
        values.Run(tile);
        if (tile.Flags != null) flags.Run(tile);
    }
}
