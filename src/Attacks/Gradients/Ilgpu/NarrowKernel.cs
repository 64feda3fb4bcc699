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
        ArrayView<float> from = operands.From;
        ProductPlace place = ProductPlace.Of(index, shape, Columns, 1);
        int top = place.Row - shape.PadTop, left = place.Column - shape.PadLeft;
        int firstRow = IntrinsicMath.Max(0, -top);
        int endRow = IntrinsicMath.Min(window.Rows, shape.FromRows - top);
        float start = operands.Bias[place.Tile];
        EightFloats s = new(start, start, start, start, start, start, start, start);
        int firstWeight = ((place.Tile * shape.Depth * window.Rows) + firstRow) * window.Columns;
        long plane = place.From + ((long)(top + firstRow) * shape.FromRow) + (left * Lanes);
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            int w = firstWeight;
            long at = plane;
            for (int i = firstRow; i < endRow; i++)
            {
                EightFloats x = new(
                    0, Load(from, at, left, shape), Load(from, at + Lanes, left + 1, shape),
                    Load(from, at + (2 * Lanes), left + 2, shape),
                    Load(from, at + (3 * Lanes), left + 3, shape),
                    Load(from, at + (4 * Lanes), left + 4, shape),
                    Load(from, at + (5 * Lanes), left + 5, shape),
                    Load(from, at + (6 * Lanes), left + 6, shape));
                long next = at + (7 * Lanes);
                int column = left + 7;
                for (int j = 0; j < window.Columns; j++)
                {
                    x = x.Then(Load(from, next, column, shape));
                    s = s.Add(operands.Weights[w + j], x);
                    next += Lanes;
                    column++;
                }

                w += window.Columns;
                at += shape.FromRow;
            }

            firstWeight += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        Store(target, place, s, shape, ending);
    }

    /// <summary><see cref="Slide"/>, compiled for one layer's sizes.</summary>
    public static void SlideCompiled(
        Index1D index, NarrowOperands operands, Target target, Ending ending,
        SpecializedValue<ProductTask> task) =>
        Slide(index, operands, target, task.Value.Shape, ending, task.Value.Window);

    private static float Load(ArrayView<float> from, long at, int column, ProductShape shape) =>
        ProductKernels.Load(from, at, column, shape);

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
