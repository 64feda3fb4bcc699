using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// The way back of a convolution and of the pool of two by two behind it: the pool's gradient is
/// spread to where it was largest as it is read, and nowhere else. A thread has two rows, which
/// read the same. What lies beside the image is left out in the first columns and the last, which
/// have code of their own: a warp has one place, so that its lanes do not part.
/// </summary>
internal static class SpreadKernel
{
    /// <summary>Rows of a thread.</summary>
    public const int Rows = 2;

    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>Eight filters by four columns by two rows.</summary>
    /// <param name="index">As for <see cref="ProductKernels.Walk"/>, two rows each.</param>
    /// <param name="operands">What is multiplied: the pool's gradient.</param>
    /// <param name="winners">What won, as large.</param>
    /// <param name="target">Filled.</param>
    /// <param name="task">
    /// What the kernel is compiled for: of the input, rows and columns of the convolution, and
    /// where a value of the pool's lies.
    /// </param>
    public static void WideCompiled(
        Index1D index, ProductOperands operands, ArrayView<byte> winners, Target target,
        SpecializedValue<ProductTask> task)
    {
        const int columns = ProductKernels.Columns;
        ProductShape shape = task.Value.Shape;
        Ending ending = task.Value.Ending;
        ProductPlace place = ProductPlace.Of(index, shape, columns, EightFloats.Count, Rows);
        SpreadInput<EightFloats> from = new(
            operands.From, winners, operands.Weights, operands.Edges[place.Column / columns]);
        TwoRows<SlidingSums, EightFloats> sums = Columns<SlidingSums, EightFloats>(
            from, place, task.Value, columns, shape.Filters);
        target = target.From(place.To, ending);
        ProductKernels.Store(target, place, sums.Upper, shape, ending);
        if (place.Row + 1 < shape.ToRows)
            ProductKernels.Store(
                target.From(shape.ToRow, ending), place, sums.Lower, shape, ending);
    }

    /// <summary>One filter by eight columns by two rows.</summary>
    /// <param name="index">As for <see cref="WideCompiled"/>.</param>
    /// <param name="operands">What is multiplied: the pool's gradient.</param>
    /// <param name="winners">What won, as large.</param>
    /// <param name="target">Filled.</param>
    /// <param name="task">As for <see cref="WideCompiled"/>.</param>
    public static void NarrowCompiled(
        Index1D index, NarrowOperands operands, ArrayView<byte> winners, Target target,
        SpecializedValue<ProductTask> task)
    {
        const int columns = NarrowKernel.Columns;
        ProductShape shape = task.Value.Shape;
        Ending ending = task.Value.Ending;
        ProductPlace place = ProductPlace.Of(index, shape, columns, 1, Rows);
        SpreadInput<float> from = new(
            operands.From, winners, operands.Weights, operands.Edges[place.Column / columns]);
        TwoRows<NarrowSums, float> sums = Columns<NarrowSums, float>(
            from, place, task.Value, columns, filters: 1);
        target = target.From(place.To, ending);
        NarrowKernel.Store(target, place, sums.Upper.Sums, shape, ending);
        if (place.Row + 1 < shape.ToRows)
            NarrowKernel.Store(
                target.From(shape.ToRow, ending), place, sums.Lower.Sums, shape, ending);
    }

    /// <summary>By place: in the first columns and the last it is a constant.</summary>
    private static TwoRows<TSums, TWeight> Columns<TSums, TWeight>(
        SpreadInput<TWeight> from, ProductPlace place, ProductTask task, int columns, int filters)
        where TSums : struct, ISlidingSums<TSums, TWeight>
        where TWeight : unmanaged
    {
        ProductShape shape = task.Shape;
        int last = (shape.ToColumns - 1) / columns * columns, pad = shape.PadLeft;
        if (place.Column == 0)
            return Sum<TSums, TWeight>(
                from, place, -pad, Reach.Of(-pad, shape.FromColumns), task, columns, filters);
        if (place.Column == last)
            return Sum<TSums, TWeight>(
                from, place, last - pad, Reach.Of(last - pad, shape.FromColumns), task, columns,
                filters);
        return Sum<TSums, TWeight>(
            from, place, place.Column - pad, Reach.All, task, columns, filters);
    }

    private static TwoRows<TSums, TWeight> Sum<TSums, TWeight>(
        SpreadInput<TWeight> from, ProductPlace place, int left, Reach reach, ProductTask task,
        int columns, int filters)
        where TSums : struct, ISlidingSums<TSums, TWeight>
        where TWeight : unmanaged
    {
        ProductShape shape = task.Shape;
        ProductWindow window = task.Window;
        int top = place.Row - shape.PadTop, odd = shape.PadLeft & 1;
        int first = IntrinsicMath.Max(0, top) / 2;
        int end = (IntrinsicMath.Min(top + window.Rows + Rows - 1, shape.FromRows) + 1) / 2;
        int count = columns + window.Columns - 1;
        TwoRows<TSums, TWeight> sums = default;
        long plane = RowEdges.Margin + place.From + ((left - odd) / 2 * Lanes);
        long weights = (long)place.Tile * shape.Depth * window.Rows * window.Columns;
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            for (int pair = first; pair < end; pair++)
            {
                SpreadRows rows = SpreadRows.Of(
                    from, plane + (pair * shape.FromRow), odd, count);
                int row = (2 * pair) - top;
                sums = sums.Row(from.Weights, weights, row, rows.Row(0), reach, window, filters)
                    .Row(from.Weights, weights, row + 1, rows.Row(1), reach, window, filters);
            }

            weights += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        return sums;
    }
}

/// <summary>What is read.</summary>
/// <param name="Gradients">The pool's.</param>
/// <param name="Winners">What won, as large.</param>
/// <param name="Weights">As <see cref="ProductOperands"/> and <see cref="NarrowOperands"/>.</param>
/// <param name="Edges">Of the columns that are wanted, in the pool's input.</param>
internal readonly record struct SpreadInput<TWeight>(
    ArrayView<float> Gradients, ArrayView<byte> Winners, ArrayView<TWeight> Weights,
    RowEdges Edges)
    where TWeight : unmanaged;

/// <summary>What a thread has summed up of two rows.</summary>
/// <param name="Upper">The upper.</param>
/// <param name="Lower">The lower.</param>
internal readonly record struct TwoRows<TSums, TWeight>(TSums Upper, TSums Lower)
    where TSums : struct, ISlidingSums<TSums, TWeight>
    where TWeight : unmanaged
{
    /// <summary>A row of the input more.</summary>
    /// <param name="weights">All.</param>
    /// <param name="first">The first of the channel's.</param>
    /// <param name="place">The kernel's row there for the upper, if it has such a row.</param>
    /// <param name="row">From the first column's first value on.</param>
    /// <param name="reach">Which of its values to add.</param>
    /// <param name="window">The window.</param>
    /// <param name="filters">Filters that count.</param>
    public TwoRows<TSums, TWeight> Row(
        ArrayView<TWeight> weights, long first, int place, HeldRow row, Reach reach,
        ProductWindow window, int filters)
    {
        TSums upper = Upper, lower = Lower;
        first += place * window.Columns;
        if ((uint)place < (uint)window.Rows)
            upper = upper.Row(weights.SubView(first), row, reach, window.Columns, filters);
        if ((uint)(place - 1) < (uint)window.Rows)
            lower = lower.Row(
                weights.SubView(first - window.Columns), row, reach, window.Columns, filters);
        return new(upper, lower);
    }
}
