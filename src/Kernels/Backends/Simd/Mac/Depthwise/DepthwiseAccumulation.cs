using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Depthwise;

/// <summary>How a product enters a 32-bit accumulator.</summary>
internal interface IWideUpdate
{
    static abstract Vector<int> Fit(Vector<int> sum, Vector<int> lowest, Vector<int> highest);
}

/// <summary>A sum modulo 2^32.</summary>
internal readonly struct PlainWideSum : IWideUpdate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<int> Fit(Vector<int> sum, Vector<int> lowest, Vector<int> highest) => sum;
}

/// <summary>SAT and SAT_SYM.</summary>
internal readonly struct SaturatedWideSum : IWideUpdate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<int> Fit(Vector<int> sum, Vector<int> lowest, Vector<int> highest) =>
        Vector.Min(Vector.Max(sum, lowest), highest);
}

/// <summary>
/// One input channel per output channel: rows hold every channel of every tap, [tap][channel], and
/// sums run along channels, tap by tap in the layer's order.
/// </summary>
/// <remarks>
/// Needs rows of every channel of every tap, which the constructor asserts, with a vector
/// beyond.
/// </remarks>
internal sealed unsafe class DepthwiseAccumulation<TUpdate> : Accumulation<short, int>
    where TUpdate : struct, IWideUpdate
{
    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _first;
    private readonly AlignedMemory _last;
    private readonly Vector<int> _lowest;
    private readonly Vector<int> _highest;
    private readonly int[] _inputs;
    private readonly int _channels;
    private readonly int _stride;

    public DepthwiseAccumulation(MacShape shape, RowSource<short> rows, DepthwiseSteps steps)
    {
        MacLayer layer = shape.Layer;
        (_channels, _stride) = (shape.Channels, rows.Stride);
        (_lowest, _highest) = (new(steps.Lowest), new(steps.Highest));
        Padded = shape.Padded(Vector<short>.Count);
        int[] order = ReductionPlan.WeightIndices(layer);
        Door.Needs(rows.Stride >= (long)layer.Depth * _channels && order.Length == layer.Depth);
        _inputs = [.. order.Select(tap => tap * _channels)];
        _weights = new((long)layer.Depth * Padded * sizeof(int));
        (_first, _last) = (new((long)Padded * sizeof(int)), new((long)Padded * sizeof(int)));
        for (int channel = 0; channel < _channels; channel++)
        {
            ((int*)_first.Start)[channel] = (int)steps.First(channel);
            ((int*)_last.Start)[channel] = (int)steps.Last(channel);
            for (int step = 0; step < order.Length; step++)
                ((int*)_weights.Start)[(step * Padded) + channel] =
                    layer.Weights[(channel * layer.Depth) + order[step]] << steps.WeightShift;
        }
    }

    public override int Padded { get; }

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        short* row = tile.Rows;
        int* to = tile.Accumulators;
        for (int column = 0; column < tile.Columns; column++, row += _stride, to += Padded)
            for (int channel = 0; channel < _channels; channel += Vector<short>.Count)
                RunChannels(row + channel, channel, to + channel);
    }

    private void RunChannels(short* row, int channel, int* to)
    {
        int* w = (int*)_weights.Start + channel,
            first = (int*)_first.Start + channel,
            last = (int*)_last.Start + channel;
        int half = Vector<int>.Count;
        Vector<int> lowest = _lowest,
            highest = _highest,
            low = Vector.Load(first),
            high = Vector.Load(first + half);

        // Neighbours in memory are other channels' inputs, so products cannot go in pairs: both
        // halves of a vector are widened, and 16 by 16 bits fit the 32 that they are taken in.
        foreach (int input in _inputs)
        {
            Vector.Widen(Vector.Load(row + input), out Vector<int> x, out Vector<int> y);
            low = TUpdate.Fit(low + (x * Vector.Load(w)), lowest, highest);
            high = TUpdate.Fit(high + (y * Vector.Load(w + half)), lowest, highest);
            w += Padded;
        }

        TUpdate.Fit(low + Vector.Load(last), lowest, highest).Store(to);
        TUpdate.Fit(high + Vector.Load(last + half), lowest, highest).Store(to + half);
    }
}
