using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// One input channel per output channel: rows hold every channel of every tap, [tap][channel], and sums run
/// along channels, modulo 2^32.
/// </summary>
internal sealed unsafe class DepthwiseAccumulation : Accumulation<short, int>
{
    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _biases;
    private readonly int _channels;
    private readonly int _taps;
    private readonly int _stride;

    public DepthwiseAccumulation(MacShape shape, RowSource<short> rows, PackedSum sum)
    {
        MacLayer layer = shape.Layer;
        _channels = shape.Channels;
        _taps = layer.Depth;
        _stride = rows.Stride;
        Padded = shape.Padded(Vector<short>.Count);
        _weights = new((long)_taps * Padded * sizeof(int));
        _biases = new((long)Padded * sizeof(int));
        for (int channel = 0; channel < _channels; channel++)
        {
            ((int*)_biases.Start)[channel] = (int)sum.Start(layer, channel);
            for (int tap = 0; tap < _taps; tap++)
                ((int*)_weights.Start)[(tap * Padded) + channel] =
                    layer.Weights[(channel * _taps) + tap] << sum.WeightShift;
        }
    }

    public override int Padded { get; }

    /// <summary>True when every group is one channel in and one channel out.</summary>
    public static bool Supports(MacLayer layer) =>
        layer.Geometry.Groups > 1 && layer.Geometry.Groups == layer.Input.Shape.Channels
        && layer.Geometry.Groups == layer.Output.Shape.Channels
        && KernelRowCopy.Supports(Ungrouped(layer));

    /// <summary>The same windows over all channels together.</summary>
    public static MacLayer Ungrouped(MacLayer layer) =>
        layer with { Geometry = layer.Geometry with { Groups = 1 } };

    public override void Run(in MacTile<short, int> tile)
    {
        short* row = tile.Rows;
        int* to = tile.Accumulators;
        for (int column = 0; column < tile.Columns; column++, row += _stride, to += Padded)
            for (int channel = 0; channel < _channels; channel += Vector<short>.Count)
                RunChannels(row + channel, channel, to + channel);
    }

    private void RunChannels(short* row, int channel, int* to)
    {
        int* w = (int*)_weights.Start + channel;
        int* bias = (int*)_biases.Start + channel;
        Vector<int> low = Vector.Load(bias), high = Vector.Load(bias + Vector<int>.Count);
        for (int tap = 0; tap < _taps; tap++, row += _channels, w += Padded)
        {
            Vector.Widen(Vector.Load(row), out Vector<int> x, out Vector<int> y);
            low += x * Vector.Load(w);
            high += y * Vector.Load(w + Vector<int>.Count);
        }

        low.Store(to);
        high.Store(to + Vector<int>.Count);
    }
}
