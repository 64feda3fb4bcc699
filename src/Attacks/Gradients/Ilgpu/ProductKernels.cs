using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What a product kernel reads.</summary>
/// <param name="From">The input tensor.</param>
/// <param name="Weights">
/// [group][eight filters][channel][kernel row][kernel column]; filters that are not there are 0.
/// </param>
/// <param name="Bias">[group][eight filters].</param>
public readonly record struct ProductOperands(
    ArrayView<float> From, ArrayView<EightFloats> Weights, ArrayView<EightFloats> Bias);

/// <summary>Where a kernel stores, and what it masks by; as large, or empty.</summary>
/// <param name="To">Filled.</param>
/// <param name="Mask">Read where the ending masks.</param>
public readonly record struct Target(ArrayView<float> To, ArrayView<float> Mask)
{
    /// <summary>Stores one value.</summary>
    public void Store(int at, float value, Ending ending)
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
public static class ProductKernels
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
        ProductWindow window)
    {
        ProductPlace place = ProductPlace.Of(index, shape, Columns, EightFloats.Count);
        int top = place.Row - shape.PadTop, left = place.Column - shape.PadLeft;
        int firstRow = IntrinsicMath.Max(0, -top);
        int endRow = IntrinsicMath.Min(window.Rows, shape.FromRows - top);
        EightFloats s0 = operands.Bias[place.Tile], s1 = s0, s2 = s0, s3 = s0;
        int firstWeight = ((place.Tile * shape.Depth * window.Rows) + firstRow) * window.Columns;
        int plane = place.From + ((top + firstRow) * shape.FromRow);
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            int w = firstWeight, line = plane;
            for (int i = firstRow; i < endRow; i++)
            {
                float x0 = Load(operands.From, line, left, shape);
                float x1 = Load(operands.From, line, left + 1, shape);
                float x2 = Load(operands.From, line, left + 2, shape);
                for (int j = 0; j < window.Columns; j++)
                {
                    float x3 = Load(operands.From, line, left + 3 + j, shape);
                    EightFloats k = operands.Weights[w + j];
                    s0 = s0.Add(x0, k);
                    s1 = s1.Add(x1, k);
                    s2 = s2.Add(x2, k);
                    s3 = s3.Add(x3, k);
                    x0 = x1;
                    x1 = x2;
                    x2 = x3;
                }

                w += window.Columns;
                line += shape.FromRow;
            }

            firstWeight += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        Store(target, place, 0, s0, shape, ending);
        Store(target, place, 1, s1, shape, ending);
        Store(target, place, 2, s2, shape, ending);
        Store(target, place, 3, s3, shape, ending);
    }

    /// <summary><see cref="Walk"/>, compiled for a window.</summary>
    public static void WalkCompiled(
        Index1D index, ProductOperands operands, Target target, ProductShape shape, Ending ending,
        SpecializedValue<ProductWindow> window) =>
        Walk(index, operands, target, shape, ending, window.Value);

    /// <summary><see cref="Slide"/>, compiled for a window.</summary>
    public static void SlideCompiled(
        Index1D index, ProductOperands operands, Target target, ProductShape shape, Ending ending,
        SpecializedValue<ProductWindow> window) =>
        Slide(index, operands, target, shape, ending, window.Value);

    private static float Load(ArrayView<float> from, int line, int column, ProductShape shape) =>
        (uint)column < (uint)shape.FromColumns ? from[line + (column * shape.FromColumn)] : 0;

    private static float Load(
        ArrayView<float> from, int line, int column, int spread, ProductShape shape) =>
        column >= 0 && column % spread == 0
            ? Load(from, line, column / spread, shape)
            : 0;

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
