using System.Buffers;
using System.Runtime.Intrinsics;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>
/// A convolution or dense layer over eight images at once, each in a lane of its own: the same bits
/// as <see cref="FloatForward"/>'s loops, which take every sum in this order too.
/// </summary>
/// <remarks>
/// A product of two floats is exact in double, so it does not matter whether the machine rounds
/// between multiplication and addition. Weights are copied: those of four output channels lie
/// together, tap after tap.
/// </remarks>
internal sealed class LaneProduct
{
    /// <summary>Images at once, in two vectors of four.</summary>
    public const int Images = 8;

    private const int Block = 4;
    private const int Vectors = 2;
    private readonly WindowGeometry _window;
    private readonly TensorShape _from;
    private readonly TensorShape _to;
    private readonly double[] _weights;
    private readonly double[] _bias;

    private LaneProduct(
        WindowGeometry window, TensorShape from, TensorShape to, float[] weight, float[] bias)
    {
        (_window, _from, _to) = (window, from, to);
        _bias = [.. bias.Select(b => (double)b)];
        _weights = new double[(long)window.Groups * Blocks * Depth * Block];
        for (int o = 0; o < to.Channels; o++)
        {
            int start = BlockStart(o / Outputs, o % Outputs / Block) + (o % Outputs % Block);
            for (int k = 0; k < Depth; k++)
                _weights[start + (k * Block)] = weight[(o * Depth) + k];
        }
    }

    private int Channels => _from.Channels / _window.Groups;

    private int Outputs => _to.Channels / _window.Groups;

    private int Depth => Channels * _window.KernelRows * _window.KernelColumns;

    private int Blocks => (Outputs + Block - 1) / Block;

    /// <summary>Null for a layer without weights to multiply by.</summary>
    public static LaneProduct? Of(FloatLayer layer, TensorShape from, TensorShape to) =>
        layer switch
        {
            Conv2dLayer conv => new(conv.Geometry, from, to, conv.Weight, conv.Bias),
            DenseLayer dense => new(
                new(), new(from.Length), new(to.Length), dense.Weight, dense.Bias),
            _ => null,
        };

    /// <summary>Fills the outputs, one array per image, at most <see cref="Images"/>.</summary>
    public void Run(float[][] inputs, float[][] outputs)
    {
        int length = _from.Length * Vectors;
        Vector256<double>[] lanes = ArrayPool<Vector256<double>>.Shared.Rent(length);
        Gather(inputs, lanes);
        for (int row = 0; row < _to.Rows; row++)
            for (int column = 0; column < _to.Columns; column++)
            {
                var taps = new Taps(
                    Inside(_window.InputRow(row, 0), _window.DilationRows, _window.KernelRows,
                        _from.Rows),
                    Inside(_window.InputColumn(column, 0), _window.DilationColumns,
                        _window.KernelColumns, _from.Columns),
                    _window.InputRow(row, 0), _window.InputColumn(column, 0));
                for (int group = 0; group < _window.Groups; group++)
                    for (int block = 0; block < Blocks; block++)
                        Sum(lanes, taps, group, block, outputs, (row * _to.Columns) + column);
            }

        ArrayPool<Vector256<double>>.Shared.Return(lanes);
    }

    /// <summary>Up to four channels of one position; taps in padding are left out.</summary>
    private void Sum(
        ReadOnlySpan<Vector256<double>> lanes, in Taps taps, int group, int block,
        float[][] outputs, int position)
    {
        int first = (group * Outputs) + (block * Block);
        int count = Math.Min(Block, Outputs - (block * Block));
        Vector256<double> a0 = Bias(first, 0, count), b0 = a0, a1 = Bias(first, 1, count), b1 = a1,
            a2 = Bias(first, 2, count), b2 = a2, a3 = Bias(first, 3, count), b3 = a3;
        ReadOnlySpan<double> weights = _weights.AsSpan(BlockStart(group, block), Depth * Block);
        int step = Vectors * _window.DilationColumns;
        for (int c = 0; c < Channels; c++)
            for (int r = taps.Rows.First; r < taps.Rows.End; r++)
            {
                int y = taps.Row + (r * _window.DilationRows);
                int x = taps.Column + (taps.Columns.First * _window.DilationColumns);
                int channel = (group * Channels) + c;
                int at = Vectors * ((((channel * _from.Rows) + y) * _from.Columns) + x);
                int row = (c * _window.KernelRows) + r;
                int k = (row * _window.KernelColumns) + taps.Columns.First;
                for (int n = taps.Columns.First; n < taps.Columns.End; n++, k++, at += step)
                {
                    ReadOnlySpan<double> w = weights.Slice(k * Block, Block);
                    Vector256<double> low = lanes[at], high = lanes[at + 1];
                    Vector256<double> v = Vector256.Create(w[0]);
                    a0 = Vector256.FusedMultiplyAdd(v, low, a0);
                    b0 = Vector256.FusedMultiplyAdd(v, high, b0);
                    v = Vector256.Create(w[1]);
                    a1 = Vector256.FusedMultiplyAdd(v, low, a1);
                    b1 = Vector256.FusedMultiplyAdd(v, high, b1);
                    v = Vector256.Create(w[2]);
                    a2 = Vector256.FusedMultiplyAdd(v, low, a2);
                    b2 = Vector256.FusedMultiplyAdd(v, high, b2);
                    v = Vector256.Create(w[3]);
                    a3 = Vector256.FusedMultiplyAdd(v, low, a3);
                    b3 = Vector256.FusedMultiplyAdd(v, high, b3);
                }
            }

        Scatter(a0, b0, outputs, (first * _to.Positions) + position);
        if (count > 1) Scatter(a1, b1, outputs, ((first + 1) * _to.Positions) + position);
        if (count > 2) Scatter(a2, b2, outputs, ((first + 2) * _to.Positions) + position);
        if (count > 3) Scatter(a3, b3, outputs, ((first + 3) * _to.Positions) + position);
    }

    private int BlockStart(int group, int block) => ((group * Blocks) + block) * Depth * Block;

    private Vector256<double> Bias(int first, int channel, int count) =>
        channel < count ? Vector256.Create(_bias[first + channel]) : default;

    /// <summary>Lanes without an image hold what the first one holds; nobody reads them.</summary>
    private void Gather(float[][] inputs, Vector256<double>[] lanes)
    {
        float[] Of(int lane) => inputs[lane < inputs.Length ? lane : 0];
        float[] i0 = Of(0), i1 = Of(1), i2 = Of(2), i3 = Of(3), i4 = Of(4), i5 = Of(5), i6 = Of(6),
            i7 = Of(7);
        for (int i = 0; i < _from.Length; i++)
        {
            lanes[Vectors * i] = Vector256.Create((double)i0[i], i1[i], i2[i], i3[i]);
            lanes[(Vectors * i) + 1] = Vector256.Create((double)i4[i], i5[i], i6[i], i7[i]);
        }
    }

    private static void Scatter(
        Vector256<double> low, Vector256<double> high, float[][] outputs, int at)
    {
        for (int i = 0; i < outputs.Length; i++)
            outputs[i][at] = (float)(i < Block ? low[i] : high[i - Block]);
    }

    /// <summary>Taps of one direction that meet the image: those from first + tap * step.</summary>
    private static (int First, int End) Inside(int first, int step, int taps, int length)
    {
        int from = 0, end = taps;
        while (from < end && first + (from * step) < 0) from++;
        while (end > from && first + ((end - 1) * step) >= length) end--;
        return (from, end);
    }

    /// <summary>What a window covers.</summary>
    /// <param name="Rows">Kernel rows inside the image.</param>
    /// <param name="Columns">Kernel columns inside the image.</param>
    /// <param name="Row">The input row that kernel row 0 meets.</param>
    /// <param name="Column">The input column that kernel column 0 meets.</param>
    private readonly record struct Taps(
        (int First, int End) Rows, (int First, int End) Columns, int Row, int Column);
}
