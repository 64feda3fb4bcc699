using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Packs the right-hand matrix of <see cref="Gemm"/>: element (k, n) goes to panel n / Width, row k, lane
/// n % Width. Lanes past the last column are zero.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>Packs B whose element (k, n) is at k * row + n * step.</summary>
    public static void Pack(float* source, nint row, nint step, int depth, int columns, float* panels)
    {
        int width = Gemm.Width;
        for (int n = 0; n < columns; n += width)
        {
            int filled = Math.Min(width, columns - n);
            for (int k = 0; k < depth; k++, panels += width)
            {
                float* from = source + (k * row) + (n * step);
                if (step == 1)
                    new ReadOnlySpan<float>(from, filled).CopyTo(new Span<float>(panels, filled));
                else
                    for (int lane = 0; lane < filled; lane++) panels[lane] = from[lane * step];
                for (int lane = filled; lane < width; lane++) panels[lane] = 0;
            }
        }
    }

    /// <summary>
    /// Image to rows: <c>rows[k * positions + p]</c> is the value that tap k = (channel, kernel row, kernel
    /// column) sees at output position p; padding is 0.
    /// </summary>
    public static void Unfold(float* image, TensorShape shape, int channels, WindowGeometry g, float* rows)
    {
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < g.KernelRows; i++)
                for (int j = 0; j < g.KernelColumns; j++)
                    rows = UnfoldTap(image + ((nint)c * shape.Positions), shape, g, i, j, rows);
    }

    /// <summary>The transpose of <see cref="Unfold"/>: adds every row's values to where they came from.</summary>
    public static void FoldAdd(float* rows, TensorShape shape, int channels, WindowGeometry g, float* image)
    {
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < g.KernelRows; i++)
                for (int j = 0; j < g.KernelColumns; j++)
                    rows = FoldTap(rows, shape, g, i, j, image + ((nint)c * shape.Positions));
    }

    private static float* UnfoldTap(
        float* plane, TensorShape shape, WindowGeometry g, int i, int j, float* to)
    {
        int rows = g.OutputRows(shape.Rows), columns = g.OutputColumns(shape.Columns);
        (int first, int end) = Inside(columns, g.StrideColumns, (j * g.DilationColumns) - g.PadLeft, shape.Columns);
        for (int r = 0; r < rows; r++, to += columns)
        {
            int row = (r * g.StrideRows) + (i * g.DilationRows) - g.PadTop;
            bool outside = row < 0 || row >= shape.Rows;
            int start = outside ? columns : first, stop = outside ? columns : end;
            float* from = plane + (row * shape.Columns) + (j * g.DilationColumns) - g.PadLeft;
            for (int c = 0; c < start; c++) to[c] = 0;
            if (g.StrideColumns == 1)
                for (int c = start; c < stop; c++) to[c] = from[c];
            else
                for (int c = start; c < stop; c++) to[c] = from[c * g.StrideColumns];
            for (int c = stop; c < columns; c++) to[c] = 0;
        }

        return to;
    }

    private static float* FoldTap(
        float* from, TensorShape shape, WindowGeometry g, int i, int j, float* plane)
    {
        int rows = g.OutputRows(shape.Rows), columns = g.OutputColumns(shape.Columns);
        (int first, int end) = Inside(columns, g.StrideColumns, (j * g.DilationColumns) - g.PadLeft, shape.Columns);
        for (int r = 0; r < rows; r++, from += columns)
        {
            int row = (r * g.StrideRows) + (i * g.DilationRows) - g.PadTop;
            if (row < 0 || row >= shape.Rows) continue;
            float* to = plane + (row * shape.Columns) + (j * g.DilationColumns) - g.PadLeft;
            for (int c = first; c < end; c++) to[c * g.StrideColumns] += from[c];
        }

        return from;
    }

    /// <summary>Output columns [first, end) whose input column c * stride + offset lies in the image.</summary>
    private static (int First, int End) Inside(int columns, int stride, int offset, int width)
    {
        int first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
        int end = width <= offset ? 0 : ((width - offset - 1) / stride) + 1;
        first = Math.Min(first, columns);
        return (first, Math.Clamp(end, first, columns));
    }
}
