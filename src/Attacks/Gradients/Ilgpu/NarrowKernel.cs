using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What the narrow kernel reads.</summary>
/// <param name="From">The input tensor.</param>
/// <param name="Weights">[group][filter][channel][kernel row][kernel column].</param>
/// <param name="Bias">[group][filter].</param>
internal readonly record struct NarrowOperands(
    ArrayView<float> From, ArrayView<float> Weights, ArrayView<float> Bias);

/// <summary>
/// Sums of products over sliding windows where a group has few filters, as depthwise convolutions
/// do and the gradient of grey images: a thread has one filter and eight columns.
/// </summary>
internal static class NarrowKernel
{
    /// <summary>Columns of a thread.</summary>
    public const int Columns = EightFloats.Count;

    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>One filter by eight columns.</summary>
    /// <param name="index">As for <see cref="ProductKernels.Slide"/>.</param>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="target">Filled.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="ending">What becomes of the sums.</param>
    /// <param name="window">What the kernel is compiled for.</param>
    public static void Slide(
        Index1D index, NarrowOperands operands, Target target, ProductShape shape, Ending ending,
        ProductWindow window)
    {
        ProductPlace place = ProductPlace.Of(index, shape, Columns, 1);
        int top = place.Row - shape.PadTop, left = place.Column - shape.PadLeft;
        int firstRow = IntrinsicMath.Max(0, -top);
        int endRow = IntrinsicMath.Min(window.Rows, shape.FromRows - top);
        float start = operands.Bias[place.Tile];
        NarrowSums sums = new(
            default, new(start, start, start, start, start, start, start, start));
        long firstWeight =
            ((long)((place.Tile * shape.Depth * window.Rows) + firstRow)) * window.Columns;
        long plane = place.From + ((long)(top + firstRow) * shape.FromRow) + (left * Lanes);
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            long w = firstWeight, at = plane;
            for (int i = firstRow; i < endRow; i++)
            {
                sums = sums.Row(operands, w, at, left, shape, window.Columns);
                w += window.Columns;
                at += shape.FromRow;
            }

            firstWeight += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        Store(target, place, sums.Sums, shape, ending);
    }

    /// <summary><see cref="Slide"/>, compiled for one layer's sizes.</summary>
    public static void SlideCompiled(
        Index1D index, NarrowOperands operands, Target target,
        SpecializedValue<ProductTask> task) =>
        Slide(
            index, operands, target, task.Value.Shape, task.Value.Ending, task.Value.Window);

    private static void Store(
        Target target, ProductPlace place, EightFloats sums, ProductShape shape, Ending ending)
    {
        int at = place.To, step = shape.ToColumn, columns = shape.ToColumns - place.Column;
        target.Store(at, sums.A, ending);
        if (columns > 1) target.Store(at + step, sums.B, ending);
        if (columns > 2) target.Store(at + (2 * step), sums.C, ending);
        if (columns > 3) target.Store(at + (3 * step), sums.D, ending);
        if (columns > 4) target.Store(at + (4 * step), sums.E, ending);
        if (columns > 5) target.Store(at + (5 * step), sums.F, ending);
        if (columns > 6) target.Store(at + (6 * step), sums.G, ending);
        if (columns > 7) target.Store(at + (7 * step), sums.H, ending);
    }
}

/// <summary>What a thread of one filter by eight columns has summed up so far.</summary>
/// <param name="Values">
/// The values under the first column to the seventh at the next place of the kernel, from the
/// second of these eight on.
/// </param>
/// <param name="Sums">By column.</param>
internal readonly record struct NarrowSums(EightFloats Values, EightFloats Sums)
{
    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>A row of the kernel, as <see cref="SlidingSums.Row"/> has it.</summary>
    public NarrowSums Row(
        NarrowOperands operands, long w, long at, int column, ProductShape shape, int places)
    {
        ArrayView<float> from = operands.From;
        NarrowSums sums = new(
            new(
                0, ProductKernels.Load(from, at, column, shape),
                ProductKernels.Load(from, at + Lanes, column + 1, shape),
                ProductKernels.Load(from, at + (2 * Lanes), column + 2, shape),
                ProductKernels.Load(from, at + (3 * Lanes), column + 3, shape),
                ProductKernels.Load(from, at + (4 * Lanes), column + 4, shape),
                ProductKernels.Load(from, at + (5 * Lanes), column + 5, shape),
                ProductKernels.Load(from, at + (6 * Lanes), column + 6, shape)),
            Sums);
        sums = sums.Place(0, operands, w, at, column, shape);
        if (places > 1) sums = sums.Place(1, operands, w, at, column, shape);
        if (places > 2) sums = sums.Place(2, operands, w, at, column, shape);
        if (places > 3) sums = sums.Place(3, operands, w, at, column, shape);
        if (places > 4) sums = sums.Place(4, operands, w, at, column, shape);
        if (places > 5) sums = sums.Place(5, operands, w, at, column, shape);
        if (places > 6) sums = sums.Place(6, operands, w, at, column, shape);
        for (int j = 7; j < places; j++)
            sums = sums.Place(j, operands, w, at, column, shape);
        return sums;
    }

    private NarrowSums Place(
        int j, NarrowOperands operands, long w, long at, int column, ProductShape shape)
    {
        EightFloats values = Values.Then(ProductKernels.Load(
            operands.From, at + ((j + 7) * Lanes), column + j + 7, shape));
        return new(values, Sums.Add(operands.Weights[w + j], values));
    }
}
