using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// In which order float32 numbers are summed, every sum rounded. ONNX Runtime's orders on x64,
/// where four numbers go into one register, and none else gives its bits.
/// </summary>
internal enum FloatSum
{
    /// <summary>Row after row (AveragePool since opset 19).</summary>
    Rows,

    /// <summary>
    /// Down each column of the window, then from column to column (AveragePool before opset 19).
    /// </summary>
    Columns,

    /// <summary>
    /// A whole channel in four sums, every fourth number into one: <c>(s0 + s2) + (s1 + s3)</c>,
    /// then what is left over (GlobalAveragePool).
    /// </summary>
    Lanes,

    /// <summary>
    /// A whole channel in eight sums from where a register's multiple begins in memory, then what
    /// stands before it and what is left over (ReduceMean over the last axes).
    /// </summary>
    Aligned,

    /// <summary>
    /// Row after row, sums of four, then one of two and one alone, each added to the sum so far
    /// (ReduceMean over axes in the middle, a product with a row of ones).
    /// </summary>
    Fours,
}

/// <summary>Numbers of one channel, read by row and column.</summary>
internal interface IFloatPlane
{
    /// <summary>The number, as <see cref="OrderedFloat"/> has it.</summary>
    /// <param name="place">Row times columns plus column.</param>
    long At(int place);
}

/// <summary>
/// The mean of float32 numbers over a window, padding left out: their sum in an order, divided by
/// how many they are, every operation rounded to float32. Blittable.
/// </summary>
/// <param name="Order">Order of the sum; one of a whole channel has a window as large as it.
/// </param>
/// <param name="Rows">The window's place over rows.</param>
/// <param name="Columns">The same over columns.</param>
internal readonly record struct FloatMean(FloatSum Order, FloatAxis Rows, FloatAxis Columns)
{
    private const int Lane = 4;

    /// <summary>The mean of a window over a tensor.</summary>
    public static FloatMean Of(FloatSum order, WindowGeometry w, TensorShape from, TensorShape to)
        => new(
            order,
            new(from.Rows, to.Rows, w.KernelRows, w.StrideRows, w.PadTop, w.DilationRows),
            new(
                from.Columns, to.Columns, w.KernelColumns, w.StrideColumns, w.PadLeft,
                w.DilationColumns));

    /// <summary>The mean at a position of the output.</summary>
    /// <param name="plane">The channel's numbers.</param>
    /// <param name="channel">Which channel of its image it is.</param>
    /// <param name="position">Row times columns plus column, in the output.</param>
    public long At<TPlane>(TPlane plane, int channel, int position)
        where TPlane : struct, IFloatPlane
    {
        int row = position / Columns.Output, column = position % Columns.Output;
        int rows = Rows.Count(row), columns = Columns.Count(column);
        int firstRow = Rows.First(row), firstColumn = Columns.First(column);
        int count = rows * columns;
        Binary32 sum = default;
        if (Order == FloatSum.Lanes || Order == FloatSum.Aligned)
            sum = Whole(plane, channel, count);
        else
            for (int i = 0; i < count;)
            {
                Binary32 part = default;
                for (int end = i + Together(rows, count - i); i < end; i++)
                    part = Binary32.Add(
                        part,
                        Order == FloatSum.Columns
                            ? Number(plane, firstRow, firstColumn, i % rows, i / rows)
                            : Number(plane, firstRow, firstColumn, i / columns, i % columns));
                sum = Binary32.Add(sum, part);
            }

        return OrderedFloat.Of(Binary32.Divide(sum, Binary32.OfInteger(count)));
    }

    /// <summary>How many numbers stand before a multiple of a register in memory.</summary>
    public int Before(int channel, int count)
    {
        int before = Order == FloatSum.Aligned ? (Lane - (channel * count % Lane)) % Lane : 0;
        return before < count ? before : count;
    }

    /// <summary>How many of those that are left are summed before they join the others.</summary>
    /// <param name="rows">Rows of the window.</param>
    /// <param name="left">How many are left.</param>
    public int Together(int rows, int left) =>
        Order == FloatSum.Columns ? rows
        : Order != FloatSum.Fours ? 1
        : left >= Lane ? Lane
        : left >= 2 ? 2
        : 1;

    private Binary32 Whole<TPlane>(TPlane plane, int channel, int count)
        where TPlane : struct, IFloatPlane
    {
        int before = Before(channel, count), whole = (count - before) / Lane * Lane;
        Binary32 sum = default;
        if (whole != 0)
            sum = Binary32.Add(
                Binary32.Add(
                    InLane(plane, before, whole), InLane(plane, before + 2, whole)),
                Binary32.Add(
                    InLane(plane, before + 1, whole), InLane(plane, before + 3, whole)));
        for (int i = 0; i < before; i++)
            sum = Binary32.Add(sum, OrderedFloat.Number(plane.At(i)));
        for (int i = before + whole; i < count; i++)
            sum = Binary32.Add(sum, OrderedFloat.Number(plane.At(i)));
        return sum;
    }

    /// <summary>
    /// Every fourth number from one on: one sum, or two of every eighth, and an odd last one.
    /// </summary>
    private Binary32 InLane<TPlane>(TPlane plane, int first, int whole)
        where TPlane : struct, IFloatPlane
    {
        int step = Order == FloatSum.Aligned && whole > Lane ? 2 * Lane : Lane;
        int even = whole / step * step;
        Binary32 sum = default, other = default;
        for (int i = 0; i < even; i += step)
        {
            sum = Binary32.Add(sum, OrderedFloat.Number(plane.At(first + i)));
            if (step > Lane)
                other = Binary32.Add(other, OrderedFloat.Number(plane.At(first + i + Lane)));
        }

        sum = Binary32.Add(sum, other);
        return even == whole
            ? sum
            : Binary32.Add(sum, OrderedFloat.Number(plane.At(first + even)));
    }

    private Binary32 Number<TPlane>(
        TPlane plane, int firstRow, int firstColumn, int row, int column)
        where TPlane : struct, IFloatPlane => OrderedFloat.Number(plane.At(
            ((firstRow + (row * Rows.Dilation)) * Columns.Input)
            + firstColumn + (column * Columns.Dilation)));
}

/// <summary>A window in one direction. Blittable.</summary>
/// <param name="Input">Extent of what it slides over.</param>
/// <param name="Output">Extent of the output.</param>
/// <param name="Kernel">Taps.</param>
/// <param name="Stride">Distance of windows.</param>
/// <param name="Pad">Padding before.</param>
/// <param name="Dilation">Distance of taps.</param>
internal readonly record struct FloatAxis(
    int Input, int Output, int Kernel, int Stride, int Pad, int Dilation)
{
    /// <summary>The first tap that lies inside.</summary>
    public int First(int output) => Start(output) + (Skipped(output) * Dilation);

    /// <summary>How many taps lie inside.</summary>
    public int Count(int output)
    {
        int inside = (Input - First(output) + Dilation - 1) / Dilation;
        int left = Kernel - Skipped(output);
        return inside < left ? inside : left;
    }

    /// <summary>Where a tap of the window lies; padding outside the input.</summary>
    public int At(int output, int tap) => Start(output) + (tap * Dilation);

    private int Start(int output) => (output * Stride) - Pad;

    private int Skipped(int output) =>
        Start(output) < 0 ? (-Start(output) + Dilation - 1) / Dilation : 0;
}
