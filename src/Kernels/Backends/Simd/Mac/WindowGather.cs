using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// Lays the inputs of every column side by side in the order of the reduction, the input offset
/// subtracted: every padding, stride, dilation, group and order.
/// </summary>
/// <remarks>
/// Needs columns of the block's images, which Fill asserts; taps of windows at the edge are
/// looked at one by one.
/// </remarks>
internal sealed unsafe class WindowGather<TIn, TRow> : RowSource<TRow>
    where TIn : unmanaged, IBinaryInteger<TIn>
    where TRow : unmanaged, IBinaryInteger<TRow>
{
    private readonly WindowGeometry _window;
    private readonly TensorShape _from;
    private readonly TensorShape _to;
    private readonly int _imageLength;
    private readonly TRow _shift;
    private readonly TRow _padding;
    private readonly (int Row, int Column, int Offset)[] _taps;

    /// <param name="layer">The layer.</param>
    /// <param name="input">Layout of its input.</param>
    /// <param name="padding">
    /// What stands for a place outside the image, where values are handed out as they lie in
    /// memory.
    /// </param>
    public WindowGather(MacLayer layer, TensorLayout input, long? padding = null)
    {
        _window = layer.Geometry;
        _from = layer.Input.Shape;
        _to = layer.Output.Shape;
        _imageLength = input.Length;
        long shift = padding is null ? input.Offset - layer.Mac.InputOffset : 0;
        _shift = TRow.CreateTruncating(shift);
        _padding = TRow.CreateTruncating(
            padding ?? layer.Input.ZeroPoint - layer.Mac.InputOffset);
        Order = ReductionPlan.WeightIndices(layer);
        _taps = [.. Order.Select(Tap)];
    }

    public override int Stride => (_taps.Length + 1) / 2 * 2;

    public override int[] Order { get; }

    public override TRow* Fill(void* input, int first, int columns, int group, TRow* buffer)
    {
        Door.Needs(input != null && buffer != null && first >= 0 && columns > 0);
        Door.Needs((uint)group < (uint)_window.Groups);
        int firstChannel = group * (_from.Channels / _window.Groups);
        int positions = _to.Positions;
        TRow* row = buffer;
        for (int column = first; column < first + columns; column++)
        {
            int position = column % positions;
            TIn* image = (TIn*)input + ((long)(column / positions) * _imageLength) + firstChannel;
            int top = _window.InputRow(position / _to.Columns, 0);
            int left = _window.InputColumn(position % _to.Columns, 0);
            if (IsInside(top, left))
                FillInside(image + (((top * _from.Columns) + left) * _from.Channels), row);
            else
                FillAtEdge(image, top, left, row);
            row += Stride;
        }

        return buffer;
    }

    private bool IsInside(int top, int left) =>
        top >= 0 && left >= 0
        && top + (_window.DilationRows * (_window.KernelRows - 1)) < _from.Rows
        && left + (_window.DilationColumns * (_window.KernelColumns - 1)) < _from.Columns;

    private void FillInside(TIn* origin, TRow* row)
    {
        foreach ((int _, int _, int offset) in _taps)
            *row++ = TRow.CreateTruncating(origin[offset]) + _shift;
    }

    private void FillAtEdge(TIn* image, int top, int left, TRow* row)
    {
        int origin = ((top * _from.Columns) + left) * _from.Channels;
        foreach ((int down, int right, int offset) in _taps)
        {
            bool inside =
                (uint)(top + down) < (uint)_from.Rows && (uint)(left + right) < (uint)_from.Columns;
            *row++ = inside ? TRow.CreateTruncating(image[origin + offset]) + _shift : _padding;
        }
    }

    /// <summary>
    /// Where a weight of the filter as stored meets the input, seen from the window's corner.
    /// </summary>
    private (int Row, int Column, int Offset) Tap(int weight)
    {
        int right = weight % _window.KernelColumns * _window.DilationColumns;
        int down = weight / _window.KernelColumns % _window.KernelRows * _window.DilationRows;
        int channel = weight / _window.KernelColumns / _window.KernelRows;
        return (down, right, (((down * _from.Columns) + right) * _from.Channels) + channel);
    }
}
