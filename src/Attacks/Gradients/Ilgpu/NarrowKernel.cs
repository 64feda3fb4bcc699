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
                ArrayView<float> weights = operands.Weights.SubView(w);
                ArrayView<float> row = operands.From.SubView(at);
                sums = sums.Row(
                    weights, new StoredRow(row, edges), Reach.All, window.Columns, 1);
                for (int j = SlidingSums.MostPlaces; j < window.Columns; j++)
                    sums = sums.Place(
                        RowEdges.Load(row, j + 7, left + j + 7, shape.FromColumns), weights[j],
                        Reach.All, j);
                w += window.Columns;
                at += shape.FromRow;
            }

            firstWeight += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        Store(target.From(place.To, ending), place, sums.Sums, shape, ending);
    }

    /// <summary><see cref="Slide"/>, compiled for one layer's sizes.</summary>
    public static void SlideCompiled(
        Index1D index, NarrowOperands operands, Target target,
        SpecializedValue<ProductTask> task) =>
        Slide(
            index, operands, target, task.Value.Shape, task.Value.Ending, task.Value.Window);

    /// <summary>Stores the sums of a row.</summary>
    public static void Store(
        Target target, ProductPlace place, EightFloats sums, ProductShape shape, Ending ending)
    {
        int columns = shape.ToColumns % Columns == 0 ? Columns : shape.ToColumns - place.Column;
        target.Store(0, shape.ToColumn, sums, columns, ending);
    }
}

/// <summary>What a thread of one filter by eight columns has summed up so far.</summary>
/// <param name="Values">
/// The values under the first column to the seventh at the next place of the kernel, from the
/// second of these eight on.
/// </param>
/// <param name="Sums">By column.</param>
internal readonly record struct NarrowSums(EightFloats Values, EightFloats Sums)
    : ISlidingSums<NarrowSums, float>
{
    /// <summary>A row of the kernel, as <see cref="SlidingSums.Row"/> has it.</summary>
    public NarrowSums Row<TRow>(
        ArrayView<float> weights, TRow row, Reach reach, int places, int filters)
        where TRow : struct, ISlidingRow
    {
        NarrowSums sums = new(
            new(
                0, row.Load(0), row.Load(1), row.Load(2), row.Load(3), row.Load(4), row.Load(5),
                row.Load(6)),
            Sums);
        sums = sums.Place(row.Load(7), weights[0], reach, 0);
        if (places > 1) sums = sums.Place(row.Load(8), weights[1], reach, 1);
        if (places > 2) sums = sums.Place(row.Load(9), weights[2], reach, 2);
        if (places > 3) sums = sums.Place(row.Load(10), weights[3], reach, 3);
        if (places > 4) sums = sums.Place(row.Load(11), weights[4], reach, 4);
        if (places > 5) sums = sums.Place(row.Load(12), weights[5], reach, 5);
        if (places > 6) sums = sums.Place(row.Load(13), weights[6], reach, 6);
        return sums;
    }

    /// <summary>One place of the kernel more.</summary>
    /// <param name="next">The value under the last column.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="reach">Which values of the row to add.</param>
    /// <param name="place">Which place.</param>
    public NarrowSums Place(float next, float weight, Reach reach, int place)
    {
        EightFloats x = Values.Then(next), sums = Sums.Add(weight, x);
        return new(
            x,
            new(
                reach.Has(place) ? sums.A : Sums.A, reach.Has(place + 1) ? sums.B : Sums.B,
                reach.Has(place + 2) ? sums.C : Sums.C, reach.Has(place + 3) ? sums.D : Sums.D,
                reach.Has(place + 4) ? sums.E : Sums.E, reach.Has(place + 5) ? sums.F : Sums.F,
                reach.Has(place + 6) ? sums.G : Sums.G, reach.Has(place + 7) ? sums.H : Sums.H));
    }
}
