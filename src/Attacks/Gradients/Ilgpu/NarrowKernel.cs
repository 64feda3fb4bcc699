using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What the narrow kernel reads.</summary>
/// <param name="From">The input tensor and its <see cref="RowEdges.Margin"/>.</param>
/// <param name="Weights">[group][filter][channel][kernel row][kernel column].</param>
/// <param name="Bias">[group][filter].</param>
/// <param name="Edges">[eight columns].</param>
internal readonly record struct NarrowOperands(
    ArrayView<float> From, ArrayView<float> Weights, ArrayView<float> Bias,
    ArrayView<RowEdges> Edges);

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
        RowEdges edges = operands.Edges[place.Column / Columns];
        long firstWeight =
            ((long)((place.Tile * shape.Depth * window.Rows) + firstRow)) * window.Columns;
        long plane = RowEdges.Margin + place.From + ((long)(top + firstRow) * shape.FromRow)
            + (left * Lanes);
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            long w = firstWeight, at = plane;
            for (int i = firstRow; i < endRow; i++)
            {
                sums = sums.Row(
                    operands.Weights.SubView(w), operands.From.SubView(at), edges, left,
                    shape.FromColumns, window.Columns);
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
        int columns = shape.ToColumns % Columns == 0 ? Columns : shape.ToColumns - place.Column;
        target.From(place.To, ending).Store(0, shape.ToColumn, sums, columns, ending);
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
    /// <summary>A row of the kernel, as <see cref="SlidingSums.Row"/> has it.</summary>
    public NarrowSums Row(
        ArrayView<float> weights, ArrayView<float> row, RowEdges edges, int left, int columns,
        int places)
    {
        NarrowSums sums = new(
            new(
                0, edges.Load(row, 0), edges.Load(row, 1), edges.Load(row, 2),
                edges.Load(row, 3), edges.Load(row, 4), edges.Load(row, 5), edges.Load(row, 6)),
            Sums);
        sums = sums.Place(edges.Load(row, 7), weights[0]);
        if (places > 1) sums = sums.Place(edges.Load(row, 8), weights[1]);
        if (places > 2) sums = sums.Place(edges.Load(row, 9), weights[2]);
        if (places > 3) sums = sums.Place(edges.Load(row, 10), weights[3]);
        if (places > 4) sums = sums.Place(edges.Load(row, 11), weights[4]);
        if (places > 5) sums = sums.Place(edges.Load(row, 12), weights[5]);
        if (places > 6) sums = sums.Place(edges.Load(row, 13), weights[6]);
        for (int j = 7; j < places; j++)
            sums = sums.Place(RowEdges.Load(row, j + 7, left + j + 7, columns), weights[j]);
        return sums;
    }

    private NarrowSums Place(float next, float weight)
    {
        EightFloats values = Values.Then(next);
        return new(values, Sums.Add(weight, values));
    }
}
