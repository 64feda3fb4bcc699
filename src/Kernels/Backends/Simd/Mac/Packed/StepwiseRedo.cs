using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Columns of one vector of channels, every update saturating in order, from the same packed
/// weights: four columns at a time, so that one's chain of updates hides another's.
/// </summary>
internal sealed unsafe class StepwiseRedo<TOps, TVector>(MacShape shape, int stride, BoundedSum sum)
    where TOps : struct, IPairVector<TVector>
    where TVector : unmanaged
{
    private readonly int _depth = shape.Depth;
    private readonly int _lanes = new MacSteps(shape.Layer).Lanes;
    private readonly bool _biasFirst = new MacSteps(shape.Layer).BiasFirst;
    private readonly TVector _lowest = TOps.Spread(sum.Lowest);
    private readonly TVector _highest = TOps.Spread(sum.Highest);
    private readonly TVector _firstOfPair = TOps.Spread(0xFFFF);
    private readonly TVector _secondOfPair = TOps.Spread(~0xFFFF);

    /// <summary>Redoes the listed columns.</summary>
    /// <param name="rows">The tile's rows.</param>
    /// <param name="w">Weights of the vector of channels.</param>
    /// <param name="bias">Their biases.</param>
    /// <param name="columns">Which columns.</param>
    /// <param name="count">How many.</param>
    /// <param name="to">The first column's accumulators.</param>
    /// <param name="padded">From one column's accumulators to the next.</param>
    public void Run(short* rows, short* w, int* bias, int* columns, int count, int* to, int padded)
    {
        TVector biases = TOps.Load(bias), start = _biasFirst ? biases : TOps.Spread(0);
        TVector* sums = stackalloc TVector[4];
        short** row = stackalloc short*[4];
        for (int first = 0; first < count; first += 4)
        {
            for (int i = 0; i < 4; i++)
            {
                sums[i] = start;
                row[i] = rows + ((long)columns[Math.Min(first + i, count - 1)] * stride);
            }

            if (_lanes == 1) Singles(row, w, sums);
            else Groups(row, w, sums);
            for (int i = 0; i < 4 && first + i < count; i++)
            {
                TVector done = _biasFirst ? sums[i] : Clamp(TOps.Add(sums[i], biases));
                TOps.Store(done, to + ((long)columns[first + i] * padded));
            }
        }
    }

    /// <summary>The accumulator's range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Clamp(TVector value) => TOps.Min(TOps.Max(value, _lowest), _highest);

    private void Singles(short** row, short* w, TVector* sums)
    {
        TVector a = sums[0], b = sums[1], c = sums[2], d = sums[3], low = _lowest, high = _highest;
        TVector first = _firstOfPair, second = _secondOfPair;
        short* x0 = row[0], x1 = row[1], x2 = row[2], x3 = row[3];
        for (int step = 0; step < _depth; step += 2, w += 2 * TOps.Lanes)
        {
            TVector pair = TOps.Load((int*)w),
                u = TOps.And(pair, first),
                v = TOps.And(pair, second);
            TVector x = TOps.Broadcast(x0 + step),
                y = TOps.Broadcast(x1 + step);
            a = Update(Update(a, x, u, low, high), x, v, low, high);
            b = Update(Update(b, y, u, low, high), y, v, low, high);
            x = TOps.Broadcast(x2 + step);
            y = TOps.Broadcast(x3 + step);
            c = Update(Update(c, x, u, low, high), x, v, low, high);
            d = Update(Update(d, y, u, low, high), y, v, low, high);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Update(TVector sums, TVector x, TVector w, TVector low, TVector high) =>
        TOps.Min(TOps.Max(TOps.MultiplyAdd(sums, x, w), low), high);

    private void Groups(short** row, short* w, TVector* sums)
    {
        for (int i = 0; i < 4; i++)
            for (int step = 0, last; step < _depth; step = last)
            {
                last = Math.Min(step + _lanes, _depth);
                TVector partial = TOps.Spread(0);
                for (int lane = step; lane < last; lane++)
                {
                    TVector pair = TOps.Load((int*)(w + (lane / 2 * 2 * TOps.Lanes)));
                    TVector v = TOps.And(pair, lane % 2 == 0 ? _firstOfPair : _secondOfPair);
                    partial = TOps.MultiplyAdd(partial, TOps.Broadcast(row[i] + (lane / 2 * 2)), v);
                }

                sums[i] = Clamp(TOps.Add(sums[i], partial));
            }
    }
}
