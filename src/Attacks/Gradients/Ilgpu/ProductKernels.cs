using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What a product kernel reads.</summary>
/// <param name="From">
/// The input tensor, where windows slide (<see cref="ProductWindow.Slides"/>) with its
/// <see cref="RowEdges.Margin"/>.
/// </param>
/// <param name="Weights">
/// [group][eight filters][channel][kernel row][kernel column]; filters that are not there are 0.
/// </param>
/// <param name="Bias">[group][eight filters].</param>
/// <param name="Edges">[four columns], where windows slide.</param>
internal readonly record struct ProductOperands(
    ArrayView<float> From, ArrayView<EightFloats> Weights, ArrayView<EightFloats> Bias,
    ArrayView<RowEdges> Edges);

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

        target = target.From(place.To, ending);
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
        SlidingSums sums = SlidingSums.Of(operands, place, place.Row, shape, window, filters);
        Store(target.From(place.To, ending), place, sums, shape, ending);
    }

    /// <summary>
    /// The same where the window is one place, without stride or padding: all columns are there
    /// all the time.
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
        EightFloats bias = operands.Bias[place.Tile];
        FourSums sums = new FourSums(bias, bias, bias, bias).Channels(
            operands, place, shape, 0, shape.Depth);
        target = target.From(place.To, ending);
        Store(target, place, 0, sums.S0, shape, ending);
        Store(target, place, 1, sums.S1, shape, ending);
        Store(target, place, 2, sums.S2, shape, ending);
        Store(target, place, 3, sums.S3, shape, ending);
    }

    /// <summary><see cref="Point"/>, compiled for one layer's sizes.</summary>
    public static void PointCompiled(
        Index1D index, ProductOperands operands, Target target,
        SpecializedValue<ProductTask> task) =>
        Point(index, operands, target, task.Value.Shape, task.Value.Ending);

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

    private static float Load(
        ArrayView<float> from, int line, int column, int spread, ProductShape shape)
    {
        int there = column / spread;
        return column >= 0 && column % spread == 0 && there < shape.FromColumns
            ? from[line + (there * shape.FromColumn)]
            : 0;
    }

    /// <summary>Stores the sums of four columns.</summary>
    public static void Store(
        Target target, ProductPlace place, SlidingSums sums, ProductShape shape, Ending ending)
    {
        Store(target, place, 0, sums.S0, shape, ending);
        Store(target, place, 1, sums.S1, shape, ending);
        Store(target, place, 2, sums.S2, shape, ending);
        Store(target, place, 3, sums.S3, shape, ending);
    }

    /// <summary>Stores the sums of one column.</summary>
    public static void Store(
        Target target, ProductPlace place, int column, EightFloats sums, ProductShape shape,
        Ending ending)
    {
        // Nothing to ask, in a kernel that is compiled for a layer, where tiles are full.
        if (shape.ToColumns % Columns != 0 && place.Column + column >= shape.ToColumns) return;
        int filters = shape.Filters % EightFloats.Count == 0
            ? EightFloats.Count
            : shape.Filters < EightFloats.Count ? shape.Filters : shape.Filters - place.Filter;
        target.Store(column * shape.ToColumn, shape.ToChannel, sums, filters, ending);
    }
}
