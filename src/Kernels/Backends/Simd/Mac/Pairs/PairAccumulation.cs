using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Memory;

namespace QSim.Kernels.Backends.Simd.Mac.Pairs;

/// <summary>
/// Sums of terms in any order, modulo 2^32: eight columns by two vectors of channels at a time, two
/// terms per lane and instruction. Right where the sum of all terms is all that counts.
/// </summary>
/// <param name="shape">The layer's sizes.</param>
/// <param name="rows">Where inputs come from.</param>
/// <param name="weights">The layer's weights, and what sums start from.</param>
/// <param name="most">
/// Pairs of terms that a lane holds, whatever they are; more are taken in several goes.
/// </param>
/// <param name="adds">Whether to add to the sums that are there.</param>
/// <remarks>
/// Needs a tile that Accumulation.Run let in, and rows as long as all pairs, which the
/// constructor asserts.
/// </remarks>
internal sealed unsafe class PairAccumulation<TOps, TVector, TTerm>(
    MacShape shape, RowSource<short> rows, PackedWeights weights, int most = int.MaxValue,
    bool adds = false) : Accumulation<short, int>
    where TOps : struct, IPairVector<TVector>
    where TVector : struct
    where TTerm : struct, IPairTerm
{
    private readonly int _allPairs = (shape.Depth + 1) / 2;
    private readonly int _stride = rows.Stride;
    private readonly TVector _sign = TOps.Spread(TTerm.Signs);

    public override int Padded { get; } = shape.Padded(TOps.Lanes);

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        Door.Needs(_stride >= 2 * _allPairs);
        int lanes = TOps.Lanes;
        int* bias = weights.Biases(tile.Group);
        for (int channel = 0; channel < Padded; channel += 2 * lanes)
        {
            short* w = weights.Panel(tile.Group, channel);
            bool two = channel + lanes < Padded;
            for (int column = 0; column < tile.Columns; column += 8)
            {
                short* row = tile.Rows + ((long)column * _stride);
                int* to = tile.Accumulators + ((long)column * Padded) + channel;

                // The first go starts from the biases, every other from what is there.
                bool isFirst = !adds;
                for (int pair = 0; pair < _allPairs; isFirst = false)
                {
                    int pairs = Math.Min(most, _allPairs - pair);
                    int* start = isFirst ? bias + channel : to;
                    int step = isFirst ? 0 : Padded;
                    if (two)
                        RunTwo(row + (2 * pair), w + (4L * pair * lanes), pairs, start, step, to);
                    else
                        RunOne(row + (2 * pair), w + (2L * pair * lanes), pairs, start, step, to);
                    pair += pairs;
                }
            }
        }
    }

    private void RunOne(short* row, short* w, int pairs, int* start, int step, int* to)
    {
        // Eight columns are eight chains of additions: enough that none waits for its own last sum.
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector a0, a1, a2, a3, a4, a5, a6, a7;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = TTerm.IsWide ? TOps.Load(start) : TOps.Spread(0);
        for (int pair = 0; pair < pairs; pair++)
        {
            TVector v = TOps.Load((int*)w);
            a0 = Add(a0, TOps.Broadcast(row), v);
            a1 = Add(a1, TOps.Broadcast(row + s), v);
            a2 = Add(a2, TOps.Broadcast(row + s2), v);
            a3 = Add(a3, TOps.Broadcast(row + s3), v);
            a4 = Add(a4, TOps.Broadcast(row4), v);
            a5 = Add(a5, TOps.Broadcast(row4 + s), v);
            a6 = Add(a6, TOps.Broadcast(row4 + s2), v);
            a7 = Add(a7, TOps.Broadcast(row4 + s3), v);
            row += 2;
            row4 += 2;
            w += 2 * TOps.Lanes;
        }

        Store(a0, a1, a2, a3, start, step, to);
        Store(a4, a5, a6, a7, start + (4 * step), step, to + (4 * Padded));
    }

    private void RunTwo(short* row, short* w, int pairs, int* start, int step, int* to)
    {
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7;
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = TTerm.IsWide ? TOps.Load(start) : TOps.Spread(0);
        b0 =
            b1 =
            b2 =
            b3 =
            b4 =
            b5 =
            b6 =
            b7 =
                TTerm.IsWide ? TOps.Load(start + TOps.Lanes) : TOps.Spread(0);
        for (int pair = 0; pair < pairs; pair++)
        {
            // One broadcast (two inputs, as one int) meets two vectors of channels: the loop waits
            // for its loads, and this nearly halves them.
            TVector v = TOps.Load((int*)w);
            TVector u = TOps.Load((int*)(w + (2 * TOps.Lanes)));
            TVector x = TOps.Broadcast(row);
            a0 = Add(a0, x, v);
            b0 = Add(b0, x, u);
            x = TOps.Broadcast(row + s);
            a1 = Add(a1, x, v);
            b1 = Add(b1, x, u);
            x = TOps.Broadcast(row + s2);
            a2 = Add(a2, x, v);
            b2 = Add(b2, x, u);
            x = TOps.Broadcast(row + s3);
            a3 = Add(a3, x, v);
            b3 = Add(b3, x, u);
            x = TOps.Broadcast(row4);
            a4 = Add(a4, x, v);
            b4 = Add(b4, x, u);
            x = TOps.Broadcast(row4 + s);
            a5 = Add(a5, x, v);
            b5 = Add(b5, x, u);
            x = TOps.Broadcast(row4 + s2);
            a6 = Add(a6, x, v);
            b6 = Add(b6, x, u);
            x = TOps.Broadcast(row4 + s3);
            a7 = Add(a7, x, v);
            b7 = Add(b7, x, u);
            row += 2;
            row4 += 2;
            w += 4 * TOps.Lanes;
        }

        Store(a0, a1, a2, a3, start, step, to);
        Store(a4, a5, a6, a7, start + (4 * step), step, to + (4 * Padded));
        start += TOps.Lanes;
        to += TOps.Lanes;
        Store(b0, b1, b2, b3, start, step, to);
        Store(b4, b5, b6, b7, start + (4 * step), step, to + (4 * Padded));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(TVector a, TVector b, TVector c, TVector d, int* start, int step, int* to)
    {
        Store(a, start, to);
        Store(b, start + step, to + Padded);
        Store(c, start + (2 * step), to + (2 * Padded));
        Store(d, start + (3 * step), to + (3 * Padded));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(TVector sums, int* start, int* to) =>
        TOps.Store(TTerm.IsWide ? sums : TOps.MultiplyAdd(TOps.Load(start), sums, _sign), to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add(TVector sums, TVector x, TVector w) =>
        TTerm.Add<TOps, TVector>(sums, x, w);
}
