namespace QSim.Kernels.Datapath;

/// <summary>
/// Whether a window makes sense on its own, and over a tensor: what later stages index without
/// looking again lies within <see cref="Sizes"/>.
/// </summary>
internal static class WindowBounds
{
    /// <summary>Null where the numbers of a window are those of one, else why not.</summary>
    public static string? WhyNot(WindowGeometry w) =>
        w.KernelRows < 1 || w.KernelColumns < 1 || w.StrideRows < 1 || w.StrideColumns < 1
        || w.DilationRows < 1 || w.DilationColumns < 1 || w.Groups < 1
            ? "kernel, stride, dilation and groups must be 1 or more"
        : w.PadTop < 0 || w.PadLeft < 0 || w.PadBottom < 0 || w.PadRight < 0
            ? "padding must be 0 or more"
        : Largest(w) is > Sizes.MostExtent and var largest
            ? $"{largest} rows or columns of a window are too many (at most {Sizes.MostExtent})"
        : null;

    /// <summary>
    /// Null where a window over a tensor, padding counted, stays within bounds; else why not.
    /// </summary>
    public static string? WhyNot(WindowGeometry w, TensorShape from)
    {
        if (WhyNot(w) is { } problem) return problem;
        if (Sizes.WhyNot(from) is { } large) return large;
        long rows = (long)from.Rows + w.PadTop + w.PadBottom;
        long columns = (long)from.Columns + w.PadLeft + w.PadRight;
        if (Sizes.Product(Sizes.MostValues, from.Channels, rows, columns) is null)
            return $"{from.Channels}x{rows}x{columns} values with the padding are too many "
                + $"(at most {Sizes.MostValues})";
        if (Sizes.Product(
            Sizes.MostTaps, w.OutputRows(from.Rows), w.OutputColumns(from.Columns),
            Math.Min(w.KernelRows, from.Rows), Math.Min(w.KernelColumns, from.Columns)) is null)
            return $"{w.OutputRows(from.Rows)}x{w.OutputColumns(from.Columns)} windows of "
                + $"{w.KernelRows}x{w.KernelColumns} values are too much work (at most "
                + $"{Sizes.MostTaps} values in all windows)";
        return null;
    }

    /// <summary>
    /// Null where a convolution's weights and its products for one image are within bounds, too.
    /// </summary>
    public static string? WhyNot(WindowGeometry w, TensorShape from, int channels)
    {
        if (WhyNot(w, from) is { } problem) return problem;
        if (channels < 1) return $"{channels} output channels";
        if (Sizes.Product(
            Sizes.MostWeights, channels, from.Channels / w.Groups, w.KernelRows, w.KernelColumns)
            is not { } weights)
            return $"its weights are too many (at most {Sizes.MostWeights})";
        TensorShape to = new(channels, w.OutputRows(from.Rows), w.OutputColumns(from.Columns));
        if (Sizes.WhyNot(to) is { } large) return large;
        return Sizes.Product(Sizes.MostProducts, weights, to.Rows, to.Columns) is null
            ? $"{to.Rows}x{to.Columns} positions of {weights} weights are too much work "
                + $"(at most {Sizes.MostProducts} products)"
            : null;
    }

    /// <summary>
    /// Null where every pooling window meets the image; padding alone has no largest value.
    /// </summary>
    public static string? WhyNotPool(WindowGeometry w, TensorShape from) =>
        WhyNot(w, from)
        ?? (AllMeet(w.OutputRows(from.Rows), w.StrideRows, w.PadTop, w.KernelRows, w.DilationRows,
                from.Rows)
            && AllMeet(w.OutputColumns(from.Columns), w.StrideColumns, w.PadLeft,
                w.KernelColumns, w.DilationColumns, from.Columns)
            ? null
            : "a window covers nothing but padding");

    private static int Largest(WindowGeometry w) => Math.Max(
        Math.Max(
            Math.Max(w.KernelRows, w.KernelColumns), Math.Max(w.StrideRows, w.StrideColumns)),
        Math.Max(
            Math.Max(w.DilationRows, w.DilationColumns),
            Math.Max(Math.Max(w.PadTop, w.PadBottom), Math.Max(w.PadLeft, w.PadRight))));

    /// <summary>Whether, along one axis, each window has a tap inside the image.</summary>
    private static bool AllMeet(
        int windows, int stride, int before, int kernel, int dilation, int length)
    {
        for (long window = 0; window < windows; window++)
        {
            long start = (window * stride) - before;
            long skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
            if (skipped >= kernel || start + (skipped * dilation) >= length) return false;
        }

        return true;
    }
}
