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
    /// <summary>One step more, its weights and its values at four places.</summary>
    public FourSums Add(ProductOperands operands, long w, FourPlaces at)
    {
        EightFloats k = operands.Weights[w];
        return new(
            S0.Add(operands.From[at.A], k), S1.Add(operands.From[at.B], k),
            S2.Add(operands.From[at.C], k), S3.Add(operands.From[at.D], k));
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
{
    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>
    /// A row of the kernel. Up to seven places stand one by one: ILGPU does not unroll loops, and
    /// in a loop each place waits for its own weights and moves three registers.
    /// </summary>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="w">The row's first weights.</param>
    /// <param name="at">The first column's first value.</param>
    /// <param name="column">Its column, which may lie outside of the image.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="places">Columns of the kernel.</param>
    /// <param name="filters">Filters that count.</param>
    public SlidingSums Row(
        ProductOperands operands, long w, long at, int column, ProductShape shape, int places,
        int filters)
    {
        ArrayView<float> from = operands.From;
        SlidingSums sums = new(
            ProductKernels.Load(from, at, column, shape),
            ProductKernels.Load(from, at + Lanes, column + 1, shape),
            ProductKernels.Load(from, at + (2 * Lanes), column + 2, shape), S0, S1, S2, S3);
        sums = sums.Place(0, operands, w, at, column, shape, filters);
        if (places > 1) sums = sums.Place(1, operands, w, at, column, shape, filters);
        if (places > 2) sums = sums.Place(2, operands, w, at, column, shape, filters);
        if (places > 3) sums = sums.Place(3, operands, w, at, column, shape, filters);
        if (places > 4) sums = sums.Place(4, operands, w, at, column, shape, filters);
        if (places > 5) sums = sums.Place(5, operands, w, at, column, shape, filters);
        if (places > 6) sums = sums.Place(6, operands, w, at, column, shape, filters);
        for (int j = 7; j < places; j++)
            sums = sums.Place(j, operands, w, at, column, shape, filters);
        return sums;
    }

    private SlidingSums Place(
        int j, ProductOperands operands, long w, long at, int column, ProductShape shape,
        int filters)
    {
        EightFloats k = operands.Weights[w + j];
        float x3 = ProductKernels.Load(
            operands.From, at + ((j + 3) * Lanes), column + j + 3, shape);
        return new(
            X1, X2, x3, S0.Add(X0, k, filters), S1.Add(X1, k, filters), S2.Add(X2, k, filters),
            S3.Add(x3, k, filters));
    }
}
