using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Depthwise;

/// <summary>
/// One input channel per output channel in 16-bit accumulators: rows hold every channel of every
/// tap, [tap][channel], and terms are added or saturate tap by tap, channels side by side.
/// </summary>
/// <remarks>
/// Needs rows of every channel of every tap, which the constructor asserts, with a vector
/// beyond.
/// </remarks>
internal sealed unsafe class DepthwiseShortAccumulation<TOps, TVector, TTerm, TUpdate>
    : Accumulation<short, int>
    where TOps : struct, IShortVector<TVector>
    where TVector : struct
    where TTerm : struct, IShortTerm
    where TUpdate : struct, IShortUpdate
{
    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _first;
    private readonly AlignedMemory _last;
    private readonly AlignedMemory _wideBias;
    private readonly int _channels;
    private readonly int _taps;
    private readonly int _stride;
    private readonly int[] _inputs;
    private readonly TVector _lowest;
    private readonly TVector _highest;

    public DepthwiseShortAccumulation(MacShape shape, RowSource<short> rows, ShortSum sum)
    {
        MacLayer layer = shape.Layer;
        (_channels, _taps, _stride) = (shape.Channels, layer.Depth, rows.Stride);
        (_lowest, _highest) = (TOps.Broadcast(sum.Lowest), TOps.Broadcast(sum.Highest));
        Padded = shape.Padded(TOps.Lanes);
        int[] order = ReductionPlan.WeightIndices(layer);
        Door.Needs(rows.Stride >= (long)layer.Depth * _channels && order.Length == layer.Depth);
        _inputs = [.. order.Select(tap => tap * _channels)];
        _weights = new((long)_taps * Padded * sizeof(short));
        (_first, _last) = (new((long)Padded * sizeof(short)), new((long)Padded * sizeof(short)));
        _wideBias = new((long)Padded * sizeof(int));
        AlignedMemory bias = new MacSteps(layer).BiasFirst ? _first : _last;
        for (int channel = 0; channel < _channels; channel++)
        {
            ((int*)_wideBias.Start)[channel] = (int)layer.Bias[channel];
            if (!TUpdate.IsSum) ((short*)bias.Start)[channel] = (short)layer.Bias[channel];
            for (int step = 0; step < _taps; step++)
                ((short*)_weights.Start)[(step * Padded) + channel] =
                    (short)sum.Weight(layer.Weights[(channel * _taps) + order[step]]);
        }
    }

    public override int Padded { get; }

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        short* row = tile.Rows;
        int* to = tile.Accumulators;
        for (int column = 0; column < tile.Columns; column++, row += _stride, to += Padded)
            for (int channel = 0; channel < _channels; channel += TOps.Lanes)
                RunChannels(row + channel, channel, to + channel);
    }

    private void RunChannels(short* row, int channel, int* to)
    {
        short* w = (short*)_weights.Start + channel;
        TVector sum = TOps.Load((short*)_first.Start + channel);
        foreach (int input in _inputs)
        {
            sum = Update(sum, TTerm.Of<TOps, TVector>(TOps.Load(row + input), TOps.Load(w)));
            w += Padded;
        }

        if (TUpdate.IsSum)
        {
            // Biases of plain sums may need more than the 16 bits that the sums do.
            new ReadOnlySpan<int>((int*)_wideBias.Start + channel, TOps.Lanes).CopyTo(
                new Span<int>(to, TOps.Lanes));
            TOps.AddWidened(sum, to);
        }
        else
        {
            TOps.StoreWidened(Update(sum, TOps.Load((short*)_last.Start + channel)), to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Update(TVector sum, TVector term) =>
        TUpdate.Apply<TOps, TVector>(sum, term, _lowest, _highest);
}
