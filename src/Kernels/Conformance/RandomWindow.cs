using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Windows that fit an image, every kind of padding, stride and dilation among them.
/// </summary>
internal static class RandomWindow
{
    /// <summary>A window of 1 to 3 rows and columns.</summary>
    public static WindowGeometry Of(Choices choose, TensorShape shape, bool groups)
    {
        while (true)
        {
            WindowGeometry window = new(
                choose.Between(1, 3),
                choose.Between(1, 3),
                choose.Between(1, 3),
                choose.Between(1, 2),
                Pad(),
                Pad(),
                Pad(),
                Pad(),
                choose.Between(1, 2),
                choose.Between(1, 2),
                groups
                    ? choose.Of([
                        .. Enumerable.Range(1, shape.Channels).Where(g => shape.Channels % g == 0),
                    ])
                    : 1
            );
            if (window.OutputRows(shape.Rows) > 0 && window.OutputColumns(shape.Columns) > 0)
                return window;
        }

        int Pad() => choose.Chance(0.5) ? 0 : choose.Between(0, 2);
    }

    /// <summary>The same for pooling, whose windows must hold something besides padding.</summary>
    public static WindowGeometry ForPool(Choices choose, TensorShape shape)
    {
        WindowGeometry window = Of(choose, shape, groups: false);
        return
            window with
            {
                PadTop =
                    Math.Min(window.PadTop, 1)
                    * (window.KernelRows > 1 && window.DilationRows == 1 ? 1 : 0),
                PadLeft = 0,
                PadBottom = 0,
                PadRight =
                    Math.Min(window.PadRight, 1)
                    * (window.KernelColumns > 1 && window.DilationColumns == 1 ? 1 : 0),
            }
                is { } pool
            && pool.OutputRows(shape.Rows) > 0
            && pool.OutputColumns(shape.Columns) > 0
            ? pool
            : new WindowGeometry();
    }
}
