using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Saturating accumulators by their exact sum, as long as nothing can have saturated: the sum is
/// looked at every few steps, and what it may have passed in between is known from weights and
/// inputs (<see cref="BlockExcesses"/>). Where many outputs fail the sums are looked at after every
/// pair of steps; outputs that still fail are taken step by step, in vectors of channels, several
/// columns side by side.
/// </summary>
internal sealed unsafe class BoundedAccumulation<TOps, TVector>(
    MacShape shape, RowSource<short> rows, PackedWeights weights,
    BoundedSum sum) : Accumulation<short, int>
    where TOps : struct, IPairVector<TVector>
    where TVector : unmanaged
{
    private const int CoarsePairs = 4;
    private const int Columns = MacTile<short, int>.ColumnStep;

    private readonly int _pairs = (shape.Depth + 1) / 2;
    private readonly int _stride = rows.Stride;
    private readonly BlockExcesses _coarse = new(shape, rows.Order, TOps.Lanes, sum, CoarsePairs);
    private readonly BlockExcesses _fine = new(shape, rows.Order, TOps.Lanes, sum, 1);
    private readonly StepwiseRedo<TOps, TVector> _redo = new(shape, rows.Stride, sum);
    private readonly TVector _lowest = TOps.Spread(sum.Lowest);
    private readonly TVector _highest = TOps.Spread(sum.Highest);
    private readonly bool _biasFirst = new MacSteps(shape.Layer).BiasFirst;

    public override int Padded { get; } = shape.Padded(TOps.Lanes);

    public override void Run(in MacTile<short, int> tile)
    {
        for (int channel = 0; channel < Padded; channel += TOps.Lanes) RunChannels(tile, channel);
    }

    private void RunChannels(in MacTile<short, int> tile, int channel)
    {
        int* failed = stackalloc int[tile.PaddedColumns];
        int failures = 0;
        short* w = weights.Panel(tile.Group, channel);
        BlockExcesses? excesses = _coarse;
        for (int column = 0; column < tile.Columns; column += Columns)
        {
            int before = failures;
            int wanted = Math.Min(Columns, tile.Columns - column);
            if (excesses is not null)
                failures += RunEight(tile, column, channel, w, excesses, failed + before);
            else
                for (int i = 0; i < wanted; i++) failed[failures++] = column + i;

            // Too many to redo: look more closely, here and further on, or not at all where that
            // does not help.
            if (excesses == _coarse && 2 * (failures - before) >= wanted)
            {
                excesses = _fine;
                failures = before + RunEight(tile, column, channel, w, excesses, failed + before);
            }

            if (excesses == _fine && 4 * (failures - before) >= 3 * wanted) excesses = null;
        }

        int* to = tile.Accumulators + channel;
        _redo.Run(tile.Rows, w, weights.Biases(tile.Group) + channel, failed, failures, to, Padded);
    }

    /// <summary>
    /// Eight columns' sums; lists those with an output that may have saturated, and counts them.
    /// </summary>
    private int RunEight(
        in MacTile<short, int> tile, int column, int channel, short* w, BlockExcesses excesses,
        int* failed)
    {
        TVector* most = stackalloc TVector[Columns], least = stackalloc TVector[Columns];
        short* row = tile.Rows + ((long)column * _stride);
        int* to = tile.Accumulators + ((long)column * Padded) + channel;
        TVector bias = TOps.Load(weights.Biases(tile.Group) + channel);
        Sum(row, w, _biasFirst ? bias : TOps.Spread(0), excesses.Pairs, to, most, least);
        TVector excess = TOps.Load(excesses.Of(tile.Group, channel));
        TVector reach = TOps.MultiplyLow32(excess, TOps.Spread(sum.LargestInput));
        int failures = 0, wanted = Math.Min(Columns, tile.Columns - column);
        if (!AreInside(most, least, reach))
            for (int i = 0; i < wanted; i++)
                if (!IsInside(most[i], least[i], reach)
                    && !IsInside(most[i], least[i], Reach(row + (i * _stride), excess)))
                    failed[failures++] = column + i;
        if (!_biasFirst)
            for (int i = 0; i < wanted; i++, to += Padded)
                TOps.Store(_redo.Clamp(TOps.Add(TOps.Load(to), bias)), to);
        return failures;
    }

    private bool AreInside(TVector* most, TVector* least, TVector reach)
    {
        TVector highest = most[0],
            lowest = least[0];
        for (int i = 1; i < Columns; i++)
            (highest, lowest) = (TOps.Max(highest, most[i]), TOps.Min(lowest, least[i]));
        return IsInside(highest, lowest, reach);
    }

    private bool IsInside(TVector most, TVector least, TVector reach) =>
        TOps.AllAtMost(TOps.Add(most, reach), _highest)
        && TOps.AllAtMost(TOps.Add(_lowest, reach), least);

    /// <summary>How far sums may reach beyond what was seen, for the inputs of one row.</summary>
    private TVector Reach(short* row, TVector excess) =>
        TOps.MultiplyLow32(excess, TOps.Spread(LargestMagnitude.Of(new(row, shape.Depth))));

    /// <summary>
    /// Exact sums, and the most and the least of what they were at the ends of blocks.
    /// </summary>
    private void Sum(
        short* row, short* w, TVector start, int block, int* to, TVector* most, TVector* least)
    {
        nint s = _stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector a = start,
            b = start,
            c = start,
            d = start,
            e = start,
            f = start,
            g = start,
            h = start;
        TVector mostA = a,
            mostB = a,
            mostC = a,
            mostD = a,
            mostE = a,
            mostF = a,
            mostG = a,
            mostH = a;
        TVector leastA = a,
            leastB = a,
            leastC = a,
            leastD = a,
            leastE = a,
            leastF = a,
            leastG = a,
            leastH = a;
        for (int pair = 0; pair < _pairs; )
        {
            for (int end = Math.Min(pair + block, _pairs); pair < end; pair++)
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

            (mostA, leastA) = (TOps.Max(mostA, a), TOps.Min(leastA, a));
            (mostB, leastB) = (TOps.Max(mostB, b), TOps.Min(leastB, b));
            (mostC, leastC) = (TOps.Max(mostC, c), TOps.Min(leastC, c));
            (mostD, leastD) = (TOps.Max(mostD, d), TOps.Min(leastD, d));
            (mostE, leastE) = (TOps.Max(mostE, e), TOps.Min(leastE, e));
            (mostF, leastF) = (TOps.Max(mostF, f), TOps.Min(leastF, f));
            (mostG, leastG) = (TOps.Max(mostG, g), TOps.Min(leastG, g));
            (mostH, leastH) = (TOps.Max(mostH, h), TOps.Min(leastH, h));
        }

        (most[0], most[1], most[2], most[3]) = (mostA, mostB, mostC, mostD);
        (most[4], most[5], most[6], most[7]) = (mostE, mostF, mostG, mostH);
        (least[0], least[1], least[2], least[3]) = (leastA, leastB, leastC, leastD);
        (least[4], least[5], least[6], least[7]) = (leastE, leastF, leastG, leastH);
        Store(a, b, c, d, to);
        Store(e, f, g, h, to + (4 * Padded));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(TVector a, TVector b, TVector c, TVector d, int* to)
    {
        TOps.Store(a, to);
        TOps.Store(b, to + Padded);
        TOps.Store(c, to + (2 * Padded));
        TOps.Store(d, to + (3 * Padded));
    }
}
