using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>What a window slides over: the values from its first column on.</summary>
internal interface ISlidingRow
{
    /// <summary>
    /// One value, <paramref name="j"/> columns from the first: a constant below
    /// <see cref="RowEdges.Count"/> where this is inlined.
    /// </summary>
    float Load(int j);
}

/// <summary>What a thread has summed up of windows that slide.</summary>
internal interface ISlidingSums<TSelf, TWeight>
    where TSelf : struct
    where TWeight : unmanaged
{
    /// <summary>A row of the kernel more.</summary>
    /// <param name="weights">From the row's first on.</param>
    /// <param name="row">From the first column's first value on.</param>
    /// <param name="reach">Which of its values to add.</param>
    /// <param name="places">Columns of the kernel.</param>
    /// <param name="filters">Filters that count.</param>
    TSelf Row<TRow>(
        ArrayView<TWeight> weights, TRow row, Reach reach, int places, int filters)
        where TRow : struct, ISlidingRow;
}

/// <summary>A row of a tensor.</summary>
/// <param name="Values">From the first column's value on.</param>
/// <param name="Edges">What of it lies in the image.</param>
internal readonly record struct StoredRow(ArrayView<float> Values, RowEdges Edges) : ISlidingRow
{
    /// <inheritdoc/>
    public float Load(int j) => Edges.Load(Values, j);
}

/// <summary>A row that is in registers.</summary>
/// <param name="Near">The first eight values.</param>
/// <param name="Far">The next.</param>
internal readonly record struct HeldRow(EightFloats Near, EightFloats Far) : ISlidingRow
{
    /// <inheritdoc/>
    public float Load(int j) =>
        j < EightFloats.Count ? Near.Of(j) : Far.Of(j - EightFloats.Count);
}

/// <summary>Which values of a row lie in the image: of others nothing is added up.</summary>
/// <param name="First">The first.</param>
/// <param name="End">Behind the last.</param>
internal readonly record struct Reach(int First, int End)
{
    /// <summary>All, or as many as masks say.</summary>
    public static Reach All => new(0, int.MaxValue);

    /// <summary>Of rows that begin at a column, which may lie beside the image.</summary>
    public static Reach Of(int column, int columns) => new(-column, columns - column);

    /// <summary>Whether one does.</summary>
    public bool Has(int j) => j >= First && j < End;
}
