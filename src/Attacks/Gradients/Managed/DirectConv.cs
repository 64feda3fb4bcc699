using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Convolution of one group with unit stride, without unfolding: windows are read where they lie, a vector of
/// neighbouring output columns at a time. The last vector of a row ends where the row ends, so that some
/// columns are computed twice, to the same bits.
/// </summary>
internal sealed unsafe class DirectConv : IDisposable
{
    private readonly TensorShape _in;
    private readonly WindowGeometry _margin;
    private readonly int _stride;
    private readonly int _plane;
    private readonly int _depth;
    private readonly int _positions;
    private readonly int _vectors;
    private readonly NativeBuffer _tables;

    /// <param name="input">Shape of the group's input.</param>
    /// <param name="output">Shape of the group's output.</param>
    /// <param name="margin">Kernel, dilation and padding; padding is at least 0.</param>
    /// <param name="isFlipped">Whether taps are walked from the kernel's last to its first.</param>
    public DirectConv(TensorShape input, TensorShape output, WindowGeometry margin, bool isFlipped)
    {
        (_in, _margin) = (input, margin);
        _stride = input.Columns + margin.PadLeft + margin.PadRight;
        _plane = _stride * (input.Rows + margin.PadTop + margin.PadBottom);
        _depth = input.Channels * margin.KernelRows * margin.KernelColumns;
        _positions = output.Positions;
        int perRow = (output.Columns + Vector<float>.Count - 1) / Vector<float>.Count;
        _vectors = (output.Rows * perRow + 7) / 8 * 8;
        _tables = new(2 * (_depth + (2L * _vectors)));
        FillTaps(isFlipped);
        for (int v = 0; v < _vectors; v++)
        {
            int at = Math.Min(v, (output.Rows * perRow) - 1), row = at / perRow;
            int column = Math.Min(at % perRow * Vector<float>.Count, output.Columns - Vector<float>.Count);
            From[v] = (row * _stride) + column;
            To[v] = (row * output.Columns) + column;
        }
    }

    /// <summary>Floats that a padded input takes; 0 where there is no padding.</summary>
    public int PaddedLength => _plane == _in.Positions ? 0 : ((_in.Channels * _plane) + 15) / 16 * 16;

    private nint* Taps => (nint*)_tables.Pointer;

    private nint* From => Taps + _depth;

    private nint* To => From + _vectors;

    /// <summary>Whether a convolution's rows are long enough and its padding is none that only zeros would see.</summary>
    public static bool Fits(TensorShape output, WindowGeometry g) =>
        g.StrideRows == 1 && g.StrideColumns == 1 && output.Columns >= Vector<float>.Count
        && g.PadTop >= 0 && g.PadLeft >= 0 && g.PadBottom >= 0 && g.PadRight >= 0;

    /// <summary><c>output[m] = initial[m] + sum over k of weights[m][k] * input[k]</c> at every position.</summary>
    /// <param name="weights">[row][depth].</param>
    /// <param name="initial">One value per row.</param>
    /// <param name="input">The group's input, unpadded.</param>
    /// <param name="padded">Room for <see cref="PaddedLength"/> floats.</param>
    /// <param name="output">[row][position].</param>
    /// <param name="rows">Output channels.</param>
    public void Run(float* weights, float* initial, float* input, float* padded, float* output, int rows)
    {
        if (PaddedLength > 0)
        {
            Pad(input, padded);
            input = padded;
        }

        Vector<float>* sums = stackalloc Vector<float>[12];
        bool sixes = rows % 4 != 0 || rows % 6 == 0;
        for (int m = 0; m < rows;)
        {
            int height = sixes && rows - m >= 6 ? 6 : rows - m >= 4 ? 4 : 1;
            float* w = weights + ((nint)m * _depth), to = output + ((nint)m * _positions);
            if (height == 1)
                for (int v = 0; v < _vectors; v += 8) Row(w, initial[m], input, to, v, sums);
            else
                for (int v = 0; v < _vectors; v += 2) Tile(height, w, initial + m, input, to, v, sums);
            m += height;
        }
    }

    private void Tile(
        int height, float* weights, float* initial, float* input, float* output, int v, Vector<float>* sums)
    {
        WindowSource source = new(Taps);
        float* b0 = input + From[v], b1 = input + From[v + 1];
        for (int i = 0; i < height; i++) sums[2 * i] = sums[(2 * i) + 1] = Vector.Create(initial[i]);
        if (height == 6) Tiles.Tile6(weights, _depth, 1, b0, b1, source, _depth, sums);
        else Tiles.Tile4(weights, _depth, 1, b0, b1, source, _depth, sums);
        float* to0 = output + To[v], to1 = output + To[v + 1];
        for (int i = 0; i < height; i++, to0 += _positions, to1 += _positions)
        {
            Vector.Store(sums[2 * i], to0);
            Vector.Store(sums[(2 * i) + 1], to1);
        }
    }

    private void Row(float* weights, float initial, float* input, float* output, int v, Vector<float>* sums)
    {
        for (int i = 0; i < 8; i++) sums[i] = Vector.Create(initial);
        Tiles.Row8(weights, input, From + v, new WindowSource(Taps), _depth, sums);
        for (int i = 0; i < 8; i++) Vector.Store(sums[i], output + To[v + i]);
    }

    public void Dispose() => _tables.Dispose();

    private void FillTaps(bool isFlipped)
    {
        int rows = _margin.KernelRows, columns = _margin.KernelColumns;
        for (int k = 0; k < _depth; k++)
        {
            int c = k / (rows * columns), i = k / columns % rows, j = k % columns;
            if (isFlipped) (i, j) = (rows - 1 - i, columns - 1 - j);
            Taps[k] = (c * _plane) + (i * _margin.DilationRows * _stride) + (j * _margin.DilationColumns);
        }
    }

    private void Pad(float* input, float* padded)
    {
        new Span<float>(padded, _in.Channels * _plane).Clear();
        for (int c = 0; c < _in.Channels; c++)
            for (int row = 0; row < _in.Rows; row++, input += _in.Columns)
                new ReadOnlySpan<float>(input, _in.Columns).CopyTo(new Span<float>(
                    padded + (c * _plane) + ((row + _margin.PadTop) * _stride) + _margin.PadLeft, _in.Columns));
    }
}
