using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;

namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>
/// Columns of one vector of channels, every update saturating in order, from the same packed
/// weights: four columns at a time, so that one's chain of updates hides another's.
/// </summary>
/// <remarks>Needs columns of a tile that Accumulation.Run let in.</remarks>
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

    /// <summary>Redoes the listed columns, whose accumulators hold what they start from.</summary>
    /// <param name="rows">The tile's rows.</param>
    /// <param name="channels">The vector of channels.</param>
    /// <param name="firstPair">The pair of steps to begin with.</param>
    /// <param name="columns">Which columns.</param>
    public void Run(short* rows, in Channels channels, int firstPair, ReadOnlySpan<int> columns)
    {
        TVector biases = TOps.Load(channels.Biases);
        TVector* sums = stackalloc TVector[4], raised = stackalloc TVector[4];
        short** row = stackalloc short*[4];
        for (int first = 0; first < columns.Length; first += 4)
        {
            // Of fewer than four the last is computed again, and stored once.
            int count = Math.Min(4, columns.Length - first);
            for (int i = 0; i < 4; i++)
            {
                int column = columns[first + Math.Min(i, count - 1)];
                sums[i] = TOps.Load(channels.To(column));
                raised[i] = TOps.Spread(0);
                row[i] = rows + ((long)column * stride);
            }

            if (_lanes > 1) Groups(row, channels.Weights, sums, raised);
            else if (channels.WantFlags)
                Singles<Raised>(row, channels.Weights, firstPair, sums, raised);
            else Singles<Ignored>(row, channels.Weights, firstPair, sums, raised);
            for (int i = 0; i < count; i++)
            {
                int column = columns[first + i];
                if (!_biasFirst) Add(biases, ref sums[i], ref raised[i]);
                TOps.Store(sums[i], channels.To(column));
                if (channels.WantFlags) TOps.Store(raised[i], channels.Flags(column));
            }
        }
    }

    /// <summary>An update by a partial sum, or by a bias that comes last.</summary>
    public void Add(TVector partial, ref TVector sum, ref TVector raised)
    {
        TVector exact = TOps.Add(sum, partial);
        sum = Clamp(exact);
        raised = TOps.Or(raised, TOps.Xor(exact, sum));
    }

    /// <summary>The accumulator's range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Clamp(TVector value) => TOps.Min(TOps.Max(value, _lowest), _highest);

    private void Singles<TFlags>(
        short** row, short* w, int firstPair, TVector* sums, TVector* raised)
        where TFlags : struct, IRaise
    {
        // In locals, or every update would go through memory.
        TVector raisedA = raised[0], raisedB = raised[1], raisedC = raised[2], raisedD = raised[3];
        TVector a = sums[0], b = sums[1], c = sums[2], d = sums[3], low = _lowest, high = _highest;
        TVector first = _firstOfPair, second = _secondOfPair;
        short* x0 = row[0], x1 = row[1], x2 = row[2], x3 = row[3];
        w += 2L * firstPair * TOps.Lanes;
        for (int step = 2 * firstPair; step < _depth; step += 2, w += 2 * TOps.Lanes)
        {
            // An instruction multiplies pairs: with one weight masked it is one update, and two
            // make a pair's, which saturate in between.
            TVector pair = TOps.Load((int*)w),
                u = TOps.And(pair, first),
                v = TOps.And(pair, second);
            TVector x = TOps.Broadcast(x0 + step),
                y = TOps.Broadcast(x1 + step);
            a = Update<TFlags>(a, x, u, low, high, ref raisedA);
            a = Update<TFlags>(a, x, v, low, high, ref raisedA);
            b = Update<TFlags>(b, y, u, low, high, ref raisedB);
            b = Update<TFlags>(b, y, v, low, high, ref raisedB);
            x = TOps.Broadcast(x2 + step);
            y = TOps.Broadcast(x3 + step);
            c = Update<TFlags>(c, x, u, low, high, ref raisedC);
            c = Update<TFlags>(c, x, v, low, high, ref raisedC);
            d = Update<TFlags>(d, y, u, low, high, ref raisedD);
            d = Update<TFlags>(d, y, v, low, high, ref raisedD);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (a, b, c, d);
        (raised[0], raised[1], raised[2], raised[3]) = (raisedA, raisedB, raisedC, raisedD);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Update<TFlags>(
        TVector sums, TVector x, TVector w, TVector low, TVector high, ref TVector raised)
        where TFlags : struct, IRaise
    {
        TVector exact = TOps.MultiplyAdd(sums, x, w);
        TVector fitted = TOps.Min(TOps.Max(exact, low), high);
        if (TFlags.IsWanted) raised = TOps.Or(raised, TOps.Xor(exact, fitted));
        return fitted;
    }

    private void Groups(short** row, short* w, TVector* sums, TVector* raised)
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

                Add(partial, ref sums[i], ref raised[i]);
            }
    }
}

/// <summary>Whether a loop remembers which accumulators left their range.</summary>
internal interface IRaise
{
    static abstract bool IsWanted { get; }
}

/// <summary>It does.</summary>
internal readonly struct Raised : IRaise
{
    public static bool IsWanted => true;
}

/// <summary>It does not.</summary>
internal readonly struct Ignored : IRaise
{
    public static bool IsWanted => false;
}
