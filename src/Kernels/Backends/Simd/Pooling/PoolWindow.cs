using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Pooling;

/// <summary>The part of a pooling window that lies inside the image.</summary>
internal readonly struct PoolWindow
{
    private readonly int _firstRow;
    private readonly int _rows;
    private readonly int _firstColumn;
    private readonly int _columns;
    private readonly int _rowStep;
    private readonly int _columnStep;

    public PoolWindow(WindowGeometry window, TensorShape from, TensorShape to, int position)
    {
        int top = window.InputRow(position / to.Columns, 0);
        int left = window.InputColumn(position % to.Columns, 0);
        (_firstRow, _rows) = Inside(top, window.DilationRows, window.KernelRows, from.Rows);
        (_firstColumn, _columns) = Inside(
            left, window.DilationColumns, window.KernelColumns, from.Columns);
        _rowStep = window.DilationRows * from.Columns * from.Channels;
        _columnStep = window.DilationColumns * from.Channels;
        First = ((_firstRow * from.Columns) + _firstColumn) * from.Channels;
    }

    /// <summary>Offset of the first value of channel 0 in the image.</summary>
    public int First { get; }

    /// <summary>Values per channel.</summary>
    public int Count => _rows * _columns;

    /// <summary>Offset of the value at an index below <see cref="Count"/>, channel 0.</summary>
    public int Offset(int index) =>
        First + (index / _columns * _rowStep) + (index % _columns * _columnStep);

    private static (int First, int Count) Inside(int start, int step, int kernel, int size)
    {
        int skipped = start < 0 ? (-start + step - 1) / step : 0;
        int first = start + (skipped * step);
        int count = 0;
        for (int k = skipped; k < kernel && start + (k * step) < size; k++) count++;
        return (first, count);
    }
}
