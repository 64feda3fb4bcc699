using System.Runtime.Intrinsics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Rows in channel-last order by copying whole kernel rows, which lie together in memory; a 1x1
/// kernel's rows are the tensor itself. For ungrouped windows whose taps are neighbours.
/// </summary>
/// <remarks>
/// Needs columns of the block's images, which Fill asserts; rows may be overwritten by a
/// vector, so that the buffer has one beyond (MacStep).
/// </remarks>
internal sealed unsafe class KernelRowCopy : RowSource<short>
{
    private readonly WindowGeometry _window;
    private readonly TensorShape _from;
    private readonly TensorShape _to;
    private readonly short _padding;
    private readonly bool _isDirect;
    private readonly int _lastRow;

    /// <param name="layer">The layer.</param>
    /// <param name="input">Layout of its input.</param>
    /// <param name="padding">What stands in rows for a place outside the image.</param>
    public KernelRowCopy(MacLayer layer, TensorLayout input, short padding)
    {
        _window = layer.Geometry;
        _from = layer.Input.Shape;
        _to = layer.Output.Shape;
        _padding = padding;
        _lastRow = _window.DilationRows * (_window.KernelRows - 1);
        Order = ChannelLast(layer);
        Stride = (layer.Depth + 1) / 2 * 2;
        _isDirect = _from.Channels % 2 == 0 && _window == new WindowGeometry();
    }

    public override int Stride { get; }

    public override int[] Order { get; }

    /// <summary>True when the layer's windows are of the kind this class copies.</summary>
    public static bool Supports(MacLayer layer) =>
        layer.Geometry is { Groups: 1, DilationColumns: 1 };

    public override short* Fill(void* input, int first, int columns, int group, short* buffer)
    {
        Door.Needs(input != null && buffer != null && first >= 0 && columns > 0 && group == 0);
        if (_isDirect) return (short*)input + ((long)first * Stride);
        int outputRow = first % _to.Positions / _to.Columns;
        int outputColumn = first % _to.Columns;
        short* image = (short*)input + ((long)(first / _to.Positions) * _from.Length);
        short* row = buffer;
        short* end = buffer + (columns * Stride);
        while (row < end)
        {
            int count = Math.Min(_to.Columns - outputColumn, (int)((end - row) / Stride));
            FillRun(image, _window.InputRow(outputRow, 0), outputColumn, count, row);
            row += count * Stride;
            outputColumn = 0;
            if (++outputRow < _to.Rows) continue;
            outputRow = 0;
            image += _from.Length;
        }

        return buffer;
    }

    /// <summary>
    /// Neighbouring columns of one output row: those whose windows lie inside need no looking.
    /// </summary>
    private void FillRun(short* image, int top, int outputColumn, int count, short* row)
    {
        bool rowsInside = top >= 0 && top + _lastRow < _from.Rows;
        int step = _window.StrideColumns;
        int left = _window.InputColumn(outputColumn, 0);
        int channels = _from.Channels;
        for (int column = 0; column < count;)
        {
            int inside =
                rowsInside && left >= 0
                    ? Math.Clamp(
                        ((_from.Columns - _window.KernelColumns - left) / step) + 1, 0,
                        count - column)
                    : 0;

            // The division rounds toward zero: a window that already hangs over would count as one.
            if (left + _window.KernelColumns > _from.Columns)
                inside = 0;
            if (inside == 0)
                FillAtEdge(image, top, left, row);
            else
                FillInside(image + (((top * _from.Columns) + left) * channels), row, inside);
            inside = Math.Max(inside, 1);
            column += inside;
            left += inside * step;
            row += inside * Stride;
        }
    }

    private void FillInside(short* from, short* row, int columns)
    {
        int count = _window.KernelColumns * _from.Channels;
        int pitch = _window.DilationRows * _from.Columns * _from.Channels;
        int step = _window.StrideColumns * _from.Channels;
        int stride = Stride, kernelRows = _window.KernelRows;

        // Whole vectors, even past what belongs to this row: the next row is written over it, and
        // the last one has room behind it.
        bool isShort = count <= Vector128<short>.Count;
        for (; columns > 0; columns--, from += step, row += stride)
        {
            short* source = from;
            short* to = row;
            for (
                int kernelRow = 0;
                kernelRow < kernelRows;
                kernelRow++, source += pitch, to += count
            )
            {
                if (isShort)
                    Vector128.Load(source).Store(to);
                else
                    for (int i = 0; i < count; i += Vector256<short>.Count)
                        Vector256.Load(source + i).Store(to + i);
            }
        }
    }

    private void FillAtEdge(short* image, int top, int left, short* row)
    {
        int before = Math.Clamp(-left, 0, _window.KernelColumns);
        int after = Math.Clamp(
            left + _window.KernelColumns - _from.Columns, 0, _window.KernelColumns - before);
        int channels = _from.Channels;
        int inside = (_window.KernelColumns - before - after) * channels;
        for (int kernelRow = 0; kernelRow < _window.KernelRows; kernelRow++)
        {
            int inputRow = top + (kernelRow * _window.DilationRows);
            if ((uint)inputRow >= (uint)_from.Rows)
            {
                row = Pad(row, _window.KernelColumns * channels);
                continue;
            }

            if (before > 0) row = Pad(row, before * channels);
            if (inside > 0)
                row = Copy(
                    image + ((((long)inputRow * _from.Columns) + left + before) * channels), row,
                    inside);
            if (after > 0)
                row = Pad(row, after * channels);
        }
    }

    /// <summary>
    /// Copies in whole vectors; what is too much is overwritten by what comes next.
    /// </summary>
    private static short* Copy(short* from, short* to, int count)
    {
        for (int i = 0; i < count; i += Vector256<short>.Count)
            Vector256.Store(Vector256.Load(from + i), to + i);
        return to + count;
    }

    private short* Pad(short* to, int count)
    {
        Vector256<short> padding = Vector256.Create(_padding);
        for (int i = 0; i < count; i += Vector256<short>.Count) padding.Store(to + i);
        return to + count;
    }
}
