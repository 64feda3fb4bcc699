using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What a thread of eight filters by four columns has summed up so far.</summary>
/// <param name="S0">The first column's sums.</param>
/// <param name="S1">The second's.</param>
/// <param name="S2">The third's.</param>
/// <param name="S3">The fourth's.</param>
internal readonly record struct FourSums(
    EightFloats S0, EightFloats S1, EightFloats S2, EightFloats S3)
{
    /// <summary>Some channels more, each of one value and its weights.</summary>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="place">Where.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="channel">The first.</param>
    /// <param name="end">Behind the last.</param>
    public FourSums Channels(
        ProductOperands operands, ProductPlace place, ProductShape shape, int channel, int end)
    {
        // Columns past the last are read as the last, and not stored.
        int last = shape.FromColumns - 1;
        long step = shape.FromChannel;
        long line = place.From + (place.Row * shape.FromRow) + (channel * step);
        FourPlaces at = new(
            line + ((long)place.Column * shape.FromColumn),
            line + ((long)IntrinsicMath.Min(place.Column + 1, last) * shape.FromColumn),
            line + ((long)IntrinsicMath.Min(place.Column + 2, last) * shape.FromColumn),
            line + ((long)IntrinsicMath.Min(place.Column + 3, last) * shape.FromColumn));
        FourSums sums = this;
        long w = ((long)place.Tile * shape.Depth) + channel;

        // Four channels at a time: their loads are on their way together, from one address each.
        for (; channel + 3 < end; channel += 4)
        {
            FourRows rows = new(operands, at, w);
            sums = rows.Add(rows.Add(rows.Add(rows.Add(sums, 0, step), 1, step), 2, step), 3, step);
            (w, at) = (w + 4, at.After(4 * step));
        }

        for (; channel < end; channel++)
        {
            sums = new FourRows(operands, at, w).Add(sums, 0, step);
            (w, at) = (w + 1, at.After(step));
        }

        return sums;
    }
}

/// <summary>Where the values of four columns lie.</summary>
/// <param name="A">The first's.</param>
/// <param name="B">The second's.</param>
/// <param name="C">The third's.</param>
/// <param name="D">The fourth's.</param>
internal readonly record struct FourPlaces(long A, long B, long C, long D)
{
    /// <summary>The same so much further.</summary>
    public FourPlaces After(long step) => new(A + step, B + step, C + step, D + step);
}

/// <summary>What is read of some channels, from the first of them on.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="A">The first column.</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The fourth.</param>
internal readonly record struct FourRows(
    ArrayView<EightFloats> Weights, ArrayView<float> A, ArrayView<float> B, ArrayView<float> C,
    ArrayView<float> D)
{
    /// <summary>From some places on.</summary>
    public FourRows(ProductOperands operands, FourPlaces at, long w) : this(
        operands.Weights.SubView(w), operands.From.SubView(at.A), operands.From.SubView(at.B),
        operands.From.SubView(at.C), operands.From.SubView(at.D))
    {
    }

    /// <summary>Sums and one channel more.</summary>
    public FourSums Add(FourSums sums, int channel, long step)
    {
        EightFloats k = Weights[channel];
        long at = channel * step;
        return new(
            sums.S0.Add(A[at], k), sums.S1.Add(B[at], k), sums.S2.Add(C[at], k),
            sums.S3.Add(D[at], k));
    }
}

/// <summary>
/// The same of a window that slides: each value that is read serves the columns that it is under,
/// one after another.
/// </summary>
/// <param name="X0">The value under the first column at the next place of the kernel.</param>
/// <param name="X1">Under the second.</param>
/// <param name="X2">Under the third.</param>
/// <param name="S0">The first column's sums.</param>
/// <param name="S1">The second's.</param>
/// <param name="S2">The third's.</param>
/// <param name="S3">The fourth's.</param>
internal readonly record struct SlidingSums(
    float X0, float X1, float X2, EightFloats S0, EightFloats S1, EightFloats S2, EightFloats S3)
    : ISlidingSums<SlidingSums, EightFloats>
{
    /// <summary>Columns of a kernel that <see cref="Row"/> adds up.</summary>
    public const int MostPlaces = 7;

    /// <summary>All of the kernel.</summary>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="place">Where, but for the row.</param>
    /// <param name="toRow">Output row.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="window">The window.</param>
    /// <param name="filters">Filters that count.</param>
    public static SlidingSums Of(
        ProductOperands operands, ProductPlace place, int toRow, ProductShape shape,
        ProductWindow window, int filters)
    {
        int top = toRow - shape.PadTop, left = place.Column - shape.PadLeft;
        int firstRow = IntrinsicMath.Max(0, -top);
        int endRow = IntrinsicMath.Min(window.Rows, shape.FromRows - top);
        EightFloats bias = operands.Bias[place.Tile];
        SlidingSums sums = new(0, 0, 0, bias, bias, bias, bias);
        RowEdges edges = operands.Edges[place.Column / ProductKernels.Columns];
        long firstWeight =
            ((long)((place.Tile * shape.Depth * window.Rows) + firstRow)) * window.Columns;
        long plane = RowEdges.Margin + place.From + ((long)(top + firstRow) * shape.FromRow)
            + (left * ImageBlocks.Lanes);
        for (int channel = 0; channel < shape.Depth; channel++)
        {
            long w = firstWeight, at = plane;
            for (int i = firstRow; i < endRow; i++)
            {
                // Views of a row, so that its loads are one address and constants.
                ArrayView<EightFloats> weights = operands.Weights.SubView(w);
                ArrayView<float> row = operands.From.SubView(at);
                sums = sums.Row(
                    weights, new StoredRow(row, edges), Reach.All, window.Columns, filters);
                for (int j = MostPlaces; j < window.Columns; j++)
                    sums = sums.Place(
                        RowEdges.Load(row, j + 3, left + j + 3, shape.FromColumns), weights[j],
                        Reach.All, j, filters);
                w += window.Columns;
                at += shape.FromRow;
            }

            firstWeight += window.Rows * window.Columns;
            plane += shape.FromChannel;
        }

        return sums;
    }

    /// <summary>
    /// A row of the kernel, up to its seventh place. They stand one by one: ILGPU does not unroll
    /// loops, and in a loop each place waits for its own weights and moves three registers.
    /// </summary>
    /// <param name="weights">From the row's first on.</param>
    /// <param name="row">From the first column's first value on.</param>
    /// <param name="reach">Which of its values to add.</param>
    /// <param name="places">Columns of the kernel.</param>
    /// <param name="filters">Filters that count.</param>
    public SlidingSums Row<TRow>(
        ArrayView<EightFloats> weights, TRow row, Reach reach, int places, int filters)
        where TRow : struct, ISlidingRow
    {
        SlidingSums sums = new(row.Load(0), row.Load(1), row.Load(2), S0, S1, S2, S3);
        sums = sums.Place(row.Load(3), weights[0], reach, 0, filters);
        if (places > 1) sums = sums.Place(row.Load(4), weights[1], reach, 1, filters);
        if (places > 2) sums = sums.Place(row.Load(5), weights[2], reach, 2, filters);
        if (places > 3) sums = sums.Place(row.Load(6), weights[3], reach, 3, filters);
        if (places > 4) sums = sums.Place(row.Load(7), weights[4], reach, 4, filters);
        if (places > 5) sums = sums.Place(row.Load(8), weights[5], reach, 5, filters);
        if (places > 6) sums = sums.Place(row.Load(9), weights[6], reach, 6, filters);
        return sums;
    }

    /// <summary>One place of the kernel more.</summary>
    /// <param name="x3">The value under the last column.</param>
    /// <param name="k">The weights.</param>
    /// <param name="reach">Which values of the row to add.</param>
    /// <param name="place">Which place.</param>
    /// <param name="filters">Filters that count.</param>
    public SlidingSums Place(float x3, EightFloats k, Reach reach, int place, int filters) => new(
        X1, X2, x3,
        reach.Has(place) ? S0.Add(X0, k, filters) : S0,
        reach.Has(place + 1) ? S1.Add(X1, k, filters) : S1,
        reach.Has(place + 2) ? S2.Add(X2, k, filters) : S2,
        reach.Has(place + 3) ? S3.Add(x3, k, filters) : S3);
}
