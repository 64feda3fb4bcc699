using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>
/// Accumulators of 16 bits that saturate step by step in order, one product per lane and
/// instruction, eight columns at a time.
/// </summary>
/// <remarks>
/// Needs a tile that Accumulation.Run let in, and rows as long as the depth, which it asserts.
/// </remarks>
internal sealed unsafe class ShortAccumulation<TOps, TVector, TTerm, TUpdate>(
    MacShape shape, RowSource<short> rows, ShortWeights weights,
    ShortSum sum) : Accumulation<short, int>
    where TOps : struct, IShortVector<TVector>
    where TVector : struct
    where TTerm : struct, IShortTerm
    where TUpdate : struct, IShortUpdate
{
    private readonly int _stride = rows.Stride;
    private readonly int _depth = shape.Depth;
    private readonly TVector _lowest = TOps.Broadcast(sum.Lowest);
    private readonly TVector _highest = TOps.Broadcast(sum.Highest);

    public override int Padded { get; } = shape.Padded(TOps.Lanes);

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        Door.Needs(_stride >= _depth);
        for (int channel = 0; channel < Padded; channel += TOps.Lanes)
        {
            short* w = weights.Of(tile.Group, channel);
            TVector first = TOps.Load(weights.First(tile.Group, channel));
            TVector last = TOps.Load(weights.Last(tile.Group, channel));
            for (int column = 0; column < tile.Columns; column += 8)
            {
                short* row = tile.Rows + ((long)column * _stride);
                int* to = tile.Accumulators + ((long)column * Padded) + channel;
                Run(row, w, first, last, to);
            }
        }
    }

    private void Run(short* row, short* w, TVector start, TVector last, int* to)
    {
        // Two rows and three distances reach all eight in registers: eight pointers would not fit.
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector low = _lowest, high = _highest;
        TVector a, b, c, d, e, f, g, h;
        a = b = c = d = e = f = g = h = start;
        for (int step = 0; step < _depth; step++)
        {
            TVector v = TOps.Load(w);
            a = Update(a, Term(row[0], v), low, high);
            b = Update(b, Term(row[s], v), low, high);
            c = Update(c, Term(row[s2], v), low, high);
            d = Update(d, Term(row[s3], v), low, high);
            e = Update(e, Term(row4[0], v), low, high);
            f = Update(f, Term(row4[s], v), low, high);
            g = Update(g, Term(row4[s2], v), low, high);
            h = Update(h, Term(row4[s3], v), low, high);
            row++;
            row4++;
            w += TOps.Lanes;
        }

        Store(a, b, c, d, last, to);
        Store(e, f, g, h, last, to + (4 * Padded));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Term(short x, TVector w) =>
        TTerm.Of<TOps, TVector>(TOps.Broadcast(x), w);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Update(
        TVector accumulator, TVector term, TVector lowest,
        TVector highest) => TUpdate.Apply<TOps, TVector>(accumulator, term, lowest, highest);

    private void Store(TVector a, TVector b, TVector c, TVector d, TVector last, int* to)
    {
        Store(a, last, to);
        Store(b, last, to + Padded);
        Store(c, last, to + (2 * Padded));
        Store(d, last, to + (3 * Padded));
    }

    private void Store(TVector accumulator, TVector last, int* to) =>
        TOps.StoreWidened(Update(accumulator, last, _lowest, _highest), to);
}
