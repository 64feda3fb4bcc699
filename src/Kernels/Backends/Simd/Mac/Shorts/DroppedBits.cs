using QSim.Kernels.Backends.Simd.Mac.Pairs;

namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>
/// Which outputs have a product that drops a set bit: with operands shifted as
/// <see cref="ShortSum"/> says, dropped bits are the product's low half. Most outputs meet one
/// after a few steps, and columns are done when all channels have.
/// </summary>
/// <param name="shape">The layer's sizes.</param>
/// <param name="rows">Where inputs come from, in any order.</param>
/// <param name="sum">How operands are shifted.</param>
/// <param name="plane">The flag to raise.</param>
/// <remarks>Needs columns of a tile that Accumulation.Run let in.</remarks>
internal sealed unsafe class DroppedBits<TOps, TVector>(
    MacShape shape, RowSource<short> rows, ShortSum sum, MacFlag plane) : Accumulation<short, int>
    where TOps : struct, IPairVector<TVector>
    where TVector : struct
{
    private const int Block = 4;

    private readonly PackedWeights _weights = new(
        shape, rows.Order, TOps.Lanes, sum.Weight, _ => 0, panelVectors: 1);
    private readonly int _pairs = (shape.Depth + 1) / 2;
    private readonly int _stride = rows.Stride;

    /// <summary>The operands of a rounded product are shifted by one bit less.</summary>
    private readonly TVector _dropped = TOps.Spread(
        sum.Term == ShortTerm.Floored ? -1 : 0x7FFF_7FFF);

    public override int Padded { get; } = shape.Padded(TOps.Lanes);

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        tile.ClearFlags(Padded);
        int* flags = tile.Plane(plane, Padded);
        int* others = stackalloc int[TOps.Lanes];
        for (int channel = 0; channel < Padded; channel += TOps.Lanes)
        {
            // Channels that do not exist are done from the start.
            for (int lane = 0; lane < TOps.Lanes; lane++)
                others[lane] = channel + lane < shape.GroupChannels ? 0 : 1;
            TVector start = TOps.Load(others);
            short* w = _weights.Panel(tile.Group, channel);
            for (int column = 0; column < tile.Columns; column++)
                TOps.Store(
                    Column(tile.Rows + ((long)column * _stride), w, start),
                    flags + ((long)column * Padded) + channel);
        }
    }

    private TVector Column(short* row, short* w, TVector dropped)
    {
        for (int pair = 0; pair < _pairs;)
        {
            for (int end = Math.Min(pair + Block, _pairs); pair < end; pair++)
            {
                TVector low = TOps.MultiplyLow(TOps.Broadcast(row), TOps.Load((int*)w));
                dropped = TOps.Or(dropped, TOps.And(low, _dropped));
                row += 2;
                w += 2 * TOps.Lanes;
            }

            if (TOps.AllBelowUnsigned(TOps.Spread(0), dropped)) break;
        }

        return dropped;
    }
}
