using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Saturating accumulators by their exact sum, as long as nothing can have saturated: before each block of
/// steps the sum so far is compared with the range, less what the block could add or take away whatever its
/// inputs. Outputs that fail are redone step by step, in vectors of channels.
/// </summary>
internal sealed unsafe class BoundedAccumulation<TOps, TVector>(
    MacShape shape, RowSource<short> rows, PackedWeights weights, BoundedSum sum) : Accumulation<short, int>
    where TOps : struct, IPairVector<TVector>
    where TVector : struct
{
    private readonly int _pairs = (shape.Depth + 1) / 2;
    private readonly int _stride = rows.Stride;
    private readonly BlockReaches _reaches = new(shape, rows.Order, TOps.Lanes, sum);
    private readonly TVector _lowest = TOps.Spread(sum.Lowest);
    private readonly TVector _highest = TOps.Spread(sum.Highest);
    private readonly StepwiseRedo<TOps, TVector> _redo = new(shape, sum);

    public override int Padded { get; } = shape.Padded(TOps.Lanes);

    public override void Run(in MacTile<short, int> tile)
    {
        for (int channel = 0; channel < Padded; channel += TOps.Lanes)
        {
            short* w = weights.Panel(tile.Group, channel);
            for (int column = 0; column < tile.Columns; column += 8)
            {
                short* row = tile.Rows + ((long)column * _stride);
                int* to = tile.Accumulators + ((long)column * Padded) + channel;
                int failed = RunEight(row, w, tile.Group, channel, to);
                for (int i = 0; failed != 0 && i < 8 && column + i < tile.Columns; i++)
                    if ((failed >> i & 1) != 0)
                        _redo.Run(row + (i * _stride), w, _reaches.Bias(tile.Group, channel), to + (i * Padded));
            }
        }
    }

    /// <summary>Bit i of the result is set when column i has an output that fails.</summary>
    private int RunEight(short* row, short* w, int group, int channel, int* to)
    {
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector start = TOps.Load(weights.Biases(group) + channel);
        TVector a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start;
        TVector most = _lowest, least = _highest;
        TVector mostA = most, mostB = most, mostC = most, mostD = most, mostE = most, mostF = most, mostG = most, mostH = most;
        TVector leastA = least, leastB = least, leastC = least, leastD = least;
        TVector leastE = least, leastF = least, leastG = least, leastH = least;
        int* reach = _reaches.Of(group, channel);
        for (int pair = 0; pair < _pairs;)
        {
            TVector up = TOps.Load(reach), down = TOps.Load(reach + TOps.Lanes);
            reach += 2 * TOps.Lanes;
            Bound(a, up, down, ref mostA, ref leastA);
            Bound(b, up, down, ref mostB, ref leastB);
            Bound(c, up, down, ref mostC, ref leastC);
            Bound(d, up, down, ref mostD, ref leastD);
            Bound(e, up, down, ref mostE, ref leastE);
            Bound(f, up, down, ref mostF, ref leastF);
            Bound(g, up, down, ref mostG, ref leastG);
            Bound(h, up, down, ref mostH, ref leastH);
            for (int end = Math.Min(pair + BoundedSum.BlockPairs, _pairs); pair < end; pair++)
            {
                TVector v = TOps.Load((int*)w);
                a = TOps.MultiplyAdd(a, TOps.Broadcast(row), v);
                b = TOps.MultiplyAdd(b, TOps.Broadcast(row + s), v);
                c = TOps.MultiplyAdd(c, TOps.Broadcast(row + s2), v);
                d = TOps.MultiplyAdd(d, TOps.Broadcast(row + s3), v);
                e = TOps.MultiplyAdd(e, TOps.Broadcast(row4), v);
                f = TOps.MultiplyAdd(f, TOps.Broadcast(row4 + s), v);
                g = TOps.MultiplyAdd(g, TOps.Broadcast(row4 + s2), v);
                h = TOps.MultiplyAdd(h, TOps.Broadcast(row4 + s3), v);
                row += 2;
                row4 += 2;
                w += 2 * TOps.Lanes;
            }
        }

        return Store(a, mostA, leastA, to)
            | (Store(b, mostB, leastB, to + Padded) << 1)
            | (Store(c, mostC, leastC, to + (2 * Padded)) << 2)
            | (Store(d, mostD, leastD, to + (3 * Padded)) << 3)
            | (Store(e, mostE, leastE, to + (4 * Padded)) << 4)
            | (Store(f, mostF, leastF, to + (5 * Padded)) << 5)
            | (Store(g, mostG, leastG, to + (6 * Padded)) << 6)
            | (Store(h, mostH, leastH, to + (7 * Padded)) << 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Bound(TVector sum, TVector up, TVector down, ref TVector most, ref TVector least)
    {
        most = TOps.Max(most, TOps.Add(sum, up));
        least = TOps.Min(least, TOps.Add(sum, down));
    }

    private int Store(TVector sum, TVector most, TVector least, int* to)
    {
        TOps.Store(sum, to);
        bool inside = TOps.AllAtMost(TOps.Max(most, sum), _highest) && TOps.AllAtMost(_lowest, TOps.Min(least, sum));
        return inside ? 0 : 1;
    }
}
