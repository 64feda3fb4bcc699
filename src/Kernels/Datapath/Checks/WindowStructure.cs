namespace QSim.Kernels.Datapath;

/// <summary>Whether windows fit their images.</summary>
internal static class WindowStructure
{
    /// <summary>Null when a geometry makes sense on its own.</summary>
    public static string? WhyNot(WindowGeometry w) =>
        w.KernelRows < 1 || w.KernelColumns < 1 || w.StrideRows < 1 || w.StrideColumns < 1
        || w.DilationRows < 1 || w.DilationColumns < 1 || w.Groups < 1
            ? "kernel, stride, dilation and groups must be 1 or more"
        : w.PadTop < 0 || w.PadLeft < 0 || w.PadBottom < 0 || w.PadRight < 0
            ? "padding must be 0 or more"
        : null;

    /// <summary>
    /// Null when a pooling window turns the input's shape into the output's and is never empty.
    /// </summary>
    public static string? WhyNotPool(WindowGeometry window, TensorType input, TensorType output)
    {
        if (WhyNot(window) is { } problem) return problem;
        TensorShape from = input.Shape;
        TensorShape to = new(
            from.Channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns));
        if (output.Shape != to)
            return $"the output is {output.Shape} where the window gives {to}";
        bool rows = Enumerable
            .Range(0, to.Rows)
            .All(o =>
                Enumerable
                    .Range(0, window.KernelRows)
                    .Any(k => IsInside(window.InputRow(o, k), from.Rows))
            );
        bool columns = Enumerable
            .Range(0, to.Columns)
            .All(o =>
                Enumerable
                    .Range(0, window.KernelColumns)
                    .Any(k => IsInside(window.InputColumn(o, k), from.Columns))
            );
        return rows && columns ? null : "a window covers nothing but padding";
    }

    private static bool IsInside(int index, int length) => index >= 0 && index < length;
}
