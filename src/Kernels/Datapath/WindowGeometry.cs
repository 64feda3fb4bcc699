namespace QSim.Kernels.Datapath;

/// <summary>
/// Geometry of a convolution or pooling window; a dense layer is a 1x1 kernel on a 1x1 image.
/// </summary>
/// <param name="KernelRows">Window height.</param>
/// <param name="KernelColumns">Window width.</param>
/// <param name="StrideRows">Vertical step.</param>
/// <param name="StrideColumns">Horizontal step.</param>
/// <param name="PadTop">Rows of padding above.</param>
/// <param name="PadLeft">Columns of padding to the left.</param>
/// <param name="PadBottom">Rows of padding below.</param>
/// <param name="PadRight">Columns of padding to the right.</param>
/// <param name="DilationRows">Vertical distance between taps.</param>
/// <param name="DilationColumns">Horizontal distance between taps.</param>
/// <param name="Groups">Groups that channels are split into; channels for depthwise.</param>
public sealed record WindowGeometry(
    int KernelRows = 1,
    int KernelColumns = 1,
    int StrideRows = 1,
    int StrideColumns = 1,
    int PadTop = 0,
    int PadLeft = 0,
    int PadBottom = 0,
    int PadRight = 0,
    int DilationRows = 1,
    int DilationColumns = 1,
    int Groups = 1)
{
    /// <summary>
    /// Height of the output for an input of the given height; less than 1 when the window does not
    /// fit.
    /// </summary>
    public int OutputRows(int rows) =>
        Extent((long)rows + PadTop + PadBottom, KernelRows, StrideRows, DilationRows);

    /// <summary>
    /// Width of the output for an input of the given width; less than 1 when the window does not
    /// fit.
    /// </summary>
    public int OutputColumns(int columns) =>
        Extent((long)columns + PadLeft + PadRight, KernelColumns, StrideColumns, DilationColumns);

    /// <summary>Products per output: channels / groups * kernel rows * kernel columns.</summary>
    /// <exception cref="SizeException">They are too many.</exception>
    public int Depth(int channels) => Sizes.Weights(channels / Groups, KernelRows, KernelColumns);

    /// <summary>The input row that a kernel row meets; outside 0..rows - 1 it is padding.</summary>
    public int InputRow(int outputRow, int kernelRow) =>
        (outputRow * StrideRows) - PadTop + (kernelRow * DilationRows);

    /// <summary>
    /// The input column that a kernel column meets; outside 0..columns - 1 it is padding.
    /// </summary>
    public int InputColumn(int outputColumn, int kernelColumn) =>
        (outputColumn * StrideColumns) - PadLeft + (kernelColumn * DilationColumns);

    /// <summary>
    /// Null when, pooling, it turns the input's shape into the output's and is never empty.
    /// </summary>
    internal string? WhyNotPool(TensorShape from, TensorShape output)
    {
        if (WindowBounds.WhyNotPool(this, from) is { } problem) return problem;
        TensorShape to = new(from.Channels, OutputRows(from.Rows), OutputColumns(from.Columns));
        return output == to ? null : $"the output is {output} where the window gives {to}";
    }

    /// <summary>Whether some window may reach into padding.</summary>
    public bool HasPadding => (PadTop | PadLeft | PadBottom | PadRight) != 0;

    private static int Extent(long padded, long kernel, int stride, int dilation)
    {
        long span = padded - (dilation * (kernel - 1)) - 1;
        return span < 0 ? 0 : (int)Math.Min((span / stride) + 1, int.MaxValue);
    }
}
