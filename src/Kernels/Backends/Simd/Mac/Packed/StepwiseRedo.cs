using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>One column's vector of channels, every update saturating in order, from the same packed weights.</summary>
internal sealed unsafe class StepwiseRedo<TOps, TVector>(MacShape shape, BoundedSum sum)
    where TOps : struct, IPairVector<TVector>
    where TVector : struct
{
    private readonly int _depth = shape.Depth;
    private readonly int _lanes = new MacSteps(shape.Layer).Lanes;
    private readonly bool _biasFirst = new MacSteps(shape.Layer).BiasFirst;
    private readonly TVector _lowest = TOps.Spread(sum.Lowest);
    private readonly TVector _highest = TOps.Spread(sum.Highest);

    public void Run(short* row, short* w, int* bias, int* to)
    {
        TVector biases = TOps.Load(bias);
        TVector accumulator = _biasFirst ? biases : TOps.Spread(0);
        if (_lanes == 1) accumulator = RunSingles(row, w, accumulator);
        else accumulator = RunGroups(row, w, accumulator);
        if (!_biasFirst) accumulator = Clamp(TOps.Add(accumulator, biases));
        TOps.Store(accumulator, to);
    }

    private TVector RunSingles(short* row, short* w, TVector accumulator)
    {
        for (int step = 0; step < _depth; step += 2, w += 2 * TOps.Lanes)
        {
            TVector v = TOps.Load((int*)w);
            accumulator = Clamp(TOps.MultiplyAdd(accumulator, Even(row + step), v));
            accumulator = Clamp(TOps.MultiplyAdd(accumulator, Odd(row + step), v));
        }

        return accumulator;
    }

    private TVector RunGroups(short* row, short* w, TVector accumulator)
    {
        for (int step = 0, last; step < _depth; step = last)
        {
            last = Math.Min(step + _lanes, _depth);
            TVector partial = TOps.Spread(0);
            for (int lane = step; lane < last; lane++)
            {
                TVector v = TOps.Load((int*)(w + (lane / 2 * 2 * TOps.Lanes)));
                TVector x = lane % 2 == 0 ? Even(row + lane) : Odd(row + lane - 1);
                partial = TOps.MultiplyAdd(partial, x, v);
            }

            accumulator = Clamp(TOps.Add(accumulator, partial));
        }

        return accumulator;
    }

    /// <summary>The first input of a pair, nothing for the second.</summary>
    private TVector Even(short* pair) => TOps.Spread((ushort)(pair[0] + sum.InputAdd));

    private TVector Odd(short* pair) => TOps.Spread((pair[1] + sum.InputAdd) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Clamp(TVector value) => TOps.Min(TOps.Max(value, _lowest), _highest);
}
