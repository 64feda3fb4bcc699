using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What a product kernel reads.</summary>
/// <param name="From">The input tensor.</param>
/// <param name="Weights">
/// [group][eight filters][channel][kernel row][kernel column]; filters that are not there are 0.
/// </param>
/// <param name="Bias">[group][eight filters].</param>
internal readonly record struct ProductOperands(
    ArrayView<float> From, ArrayView<EightFloats> Weights, ArrayView<EightFloats> Bias);

/// <summary>Where a kernel stores, and what it masks by; as large, or empty.</summary>
/// <param name="To">Filled.</param>
/// <param name="Mask">Read where the ending masks.</param>
internal readonly record struct Target(ArrayView<float> To, ArrayView<float> Mask)
{
    /// <summary>Stores one value.</summary>
    public void Store(long at, float value, Ending ending)
    {
        if (ending.Adds == 1) value += To[at];
        if (value < ending.Floor) value = ending.Floor;
        if (ending.Masks == 1 && !(Mask[at] > 0)) value = 0;
        To[at] = value;
    }
}

/// <summary>
/// Sums of products over windows: convolution and dense layers, forward and backward. A warp works
/// on one block of images, one in each lane, so that whatever depends on the place is the same in
/// all its lanes: no lane waits for another, loads are whole lines, and weights are read once for
/// all.
/// </summary>
internal static class ProductKernels
{
    /// <summary>Columns of a thread that has eight filters.</summary>
    public const int Columns = 4;

    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>
    /// Eight filters by four columns that lie anyhow: <see cref="ProductWindow"/>.
    /// </summary>
    /// <param name="index">
    /// ((block * filter tiles + tile) * rows + row) * column tiles + column tile) * 32 + lane.
    /// </param>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="target">Filled.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="ending">What becomes of the sums.</param>
    /// <param name="window">What the kernel is compiled for.</param>
    public static void Walk(
        Index1D index, ProductOperands operands, Target target, ProductShape shape, Ending ending,
        ProductWindow window)
    {
        ProductPlace place = ProductPlace.Of(index, shape, Columns, EightFloats.Count);
        int top = (place.Row * window.StrideRows) - shape.PadTop;
        int left = (place.Column * window.StrideColumns) - shape.PadLeft;
        int step = window.StrideColumns, spread = window.SpreadColumns;
        EightFloats s0 = operands.Bias[place.Tile], s1 = s0, s2 = s0, s3 = s0;
        int w = place.Tile * shape.Depth * window.Rows * window.Columns;
        int plane = place.From;
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            for (int i = 0; i < window.Rows; i++)
            {
                int row = top + (i * window.DilationRows);
                bool isThere = row >= 0 && row % window.SpreadRows == 0
                    && row / window.SpreadRows < shape.FromRows;
                int at = plane + (row / window.SpreadRows * shape.FromRow);
                int column = left;
                for (int j = 0; isThere && j < window.Columns; j++)
                {
                    EightFloats k = operands.Weights[w + j];
                    s0 = s0.Add(Load(operands.From, at, column, spread, shape), k);
                    s1 = s1.Add(Load(operands.From, at, column + step, spread, shape), k);
                    s2 = s2.Add(Load(operands.From, at, column + (2 * step), spread, shape), k);
                    s3 = s3.Add(Load(operands.From, at, column + (3 * step), spread, shape), k);
                    column += window.DilationColumns;
                }

                w += window.Columns;
            }

            plane += shape.FromChannel;
        }

        Store(target, place, 0, s0, shape, ending);
        Store(target, place, 1, s1, shape, ending);
        Store(target, place, 2, s2, shape, ending);
        Store(target, place, 3, s3, shape, ending);
    }

    /// <summary>
    /// The same where windows slide (<see cref="ProductWindow.Slides"/>): each value read serves
    /// every column that it is under.
    /// </summary>
    public static void Slide(
        Index1D index, ProductOperands operands, Target target, ProductShape shape, Ending ending,
        ProductWindow window) =>
        SlideTile(index, operands, target, shape, ending, window, EightFloats.Count);

    /// <summary>The same for filters that are a constant where it is inlined.</summary>
    public static void SlideTile(
        int index, ProductOperands operands, Target target, ProductShape shape, Ending ending,
        ProductWindow window, int filters)
    {
        ProductPlace place = ProductPlace.Of(index, shape, Columns, EightFloats.Count);
        int top = place.Row - shape.PadTop, left = place.Column - shape.PadLeft;
        int firstRow = IntrinsicMath.Max(0, -top);
        int endRow = IntrinsicMath.Min(window.Rows, shape.FromRows - top);
        EightFloats bias = operands.Bias[place.Tile];
        SlidingSums sums = new(0, 0, 0, bias, bias, bias, bias);
        long firstWeight =
            ((long)((place.Tile * shape.Depth * window.Rows) + firstRow)) * window.Columns;

        // 64 bits, so that places a fixed distance apart are one address and constants.
        long plane = place.From + ((long)(top + firstRow) * shape.FromRow) + (left * Lanes);
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            long w = firstWeight, at = plane;
            for (int i = firstRow; i < endRow; i++)
            {
                sums = sums.Row(operands, w, at, left, shape, window.Columns, filters);
                w += window.Columns;
                at += shape.FromRow;
            }

            firstWeight += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        Store(target, place, 0, sums.S0, shape, ending);
        Store(target, place, 1, sums.S1, shape, ending);
        Store(target, place, 2, sums.S2, shape, ending);
        Store(target, place, 3, sums.S3, shape, ending);
    }

    /// <summary>
    /// The same where the window is one place, without stride or padding, as dense layers have it:
    /// all columns are there all the time.
    /// </summary>
    /// <param name="index">As for <see cref="Walk"/>.</param>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="target">Filled.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="ending">What becomes of the sums.</param>
    public static void Point(
        Index1D index, ProductOperands operands, Target target, ProductShape shape, Ending ending)
    {
        ProductPlace place = ProductPlace.Of(index, shape, Columns, EightFloats.Count);

        // Columns past the last are read as the last, and not stored.
        int line = place.From + (place.Row * shape.FromRow), last = shape.FromColumns - 1;
        long step = shape.FromChannel;
        FourPlaces at = new(
            line + ((long)place.Column * shape.FromColumn),
            line + ((long)IntrinsicMath.Min(place.Column + 1, last) * shape.FromColumn),
            line + ((long)IntrinsicMath.Min(place.Column + 2, last) * shape.FromColumn),
            line + ((long)IntrinsicMath.Min(place.Column + 3, last) * shape.FromColumn));
        EightFloats bias = operands.Bias[place.Tile];
        FourSums sums = new(bias, bias, bias, bias);
        long w = place.Tile * shape.Depth;
        int channel = 0;

        // Four channels at a time: their loads are on their way together.
        for (; channel + 3 < shape.Depth; channel += 4)
        {
            sums = sums.Add(operands, w, at).Add(operands, w + 1, at.After(step))
                .Add(operands, w + 2, at.After(2 * step)).Add(operands, w + 3, at.After(3 * step));
            (w, at) = (w + 4, at.After(4 * step));
        }

        for (; channel < shape.Depth; channel++)
        {
            sums = sums.Add(operands, w, at);
            (w, at) = (w + 1, at.After(step));
        }

        Store(target, place, 0, sums.S0, shape, ending);
        Store(target, place, 1, sums.S1, shape, ending);
        Store(target, place, 2, sums.S2, shape, ending);
        Store(target, place, 3, sums.S3, shape, ending);
    }

    /// <summary><see cref="Walk"/>, compiled for one layer's sizes.</summary>
    public static void WalkCompiled(
        Index1D index, ProductOperands operands, Target target,
        SpecializedValue<ProductTask> task) =>
        Walk(
            index, operands, target, task.Value.Shape, task.Value.Ending, task.Value.Window);

    /// <summary><see cref="Slide"/>, compiled for one layer's sizes.</summary>
    public static void SlideCompiled(
        Index1D index, ProductOperands operands, Target target,
        SpecializedValue<ProductTask> task) =>
        SlideTile(
            index, operands, target, task.Value.Shape, task.Value.Ending, task.Value.Window,
            task.Value.Shape.Filters);

    /// <summary>A value of the image, or 0 of its padding to the left and to the right.</summary>
    public static float Load(ArrayView<float> from, long at, int column, ProductShape shape) =>
        (uint)column < (uint)shape.FromColumns ? from[at] : 0;

    private static float Load(
        ArrayView<float> from, int line, int column, int spread, ProductShape shape)
    {
        int there = column / spread;
        return column >= 0 && column % spread == 0 && there < shape.FromColumns
            ? from[line + (there * shape.FromColumn)]
            : 0;
    }

    private static void Store(
        Target target, ProductPlace place, int column, EightFloats sums, ProductShape shape,
        Ending ending)
    {
        if (place.Column + column >= shape.ToColumns) return;
        int at = place.To + (column * shape.ToColumn), step = shape.ToChannel;
        int filters = shape.Filters - place.Filter;
        target.Store(at, sums.A, ending);
        if (filters > 1) target.Store(at + step, sums.B, ending);
        if (filters > 2) target.Store(at + (2 * step), sums.C, ending);
        if (filters > 3) target.Store(at + (3 * step), sums.D, ending);
        if (filters > 4) target.Store(at + (4 * step), sums.E, ending);
        if (filters > 5) target.Store(at + (5 * step), sums.F, ending);
        if (filters > 6) target.Store(at + (6 * step), sums.G, ending);
        if (filters > 7) target.Store(at + (7 * step), sums.H, ending);
    }
}
