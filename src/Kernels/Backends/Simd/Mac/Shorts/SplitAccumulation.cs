namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>Weights in two parts: one accumulation sets the sums, the other adds to them.</summary>
internal sealed class SplitAccumulation(Accumulation<short, int> low, Accumulation<short, int> high)
    : Accumulation<short, int>
{
    public override int Padded => low.Padded;

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        low.Run(tile);
        high.Run(tile);
    }
}
