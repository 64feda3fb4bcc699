
namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// Some columns of one layer's output on their way through gathering, accumulation and
/// requantization. A column is one position of one image; a column's row holds the inputs that its
/// products take.
/// </summary>
/// <typeparam name="TRow">short, int or long.</typeparam>
/// <typeparam name="TAcc">int or long.</typeparam>
/// <remarks>
/// Needs nothing by itself: MacStep says how much there is, Accumulation.Run asserts it.
/// </remarks>
internal unsafe struct MacTile<TRow, TAcc>
    where TRow : unmanaged
    where TAcc : unmanaged
{
    /// <summary>Accumulation works on this many columns at a time.</summary>
    public const int ColumnStep = 8;

    /// <summary>First column: image * positions + position.</summary>
    public int First;

    /// <summary>
    /// Columns that count; rows and accumulators exist up to a multiple of
    /// <see cref="ColumnStep"/>.
    /// </summary>
    public int Columns;

    /// <summary>Columns for which there are rows and accumulators.</summary>
    public int Room;

    /// <summary>Accumulators for which each column has room.</summary>
    public int Channels;

    /// <summary>The group of channels.</summary>
    public int Group;

    /// <summary>The images.</summary>
    public ImageBlock Block;

    /// <summary>[column][step], a <see cref="RowSource{TRow}.Stride"/> apart.</summary>
    public TRow* Rows;

    /// <summary>[column][channel], channels padded to vectors.</summary>
    public TAcc* Accumulators;

    /// <summary>
    /// One plane per flag in the order of <see cref="MacFlag"/>, each like
    /// <see cref="Accumulators"/>, not 0 where raised; null when accumulation raises none.
    /// </summary>
    public TAcc* Flags;

    /// <summary>The plane of one flag, where there are any.</summary>
    /// <param name="flag">Which flag.</param>
    /// <param name="padded">From one column to the next.</param>
    public readonly TAcc* Plane(MacFlag flag, int padded) =>
        Flags + ((int)flag * PaddedColumns * padded);

    /// <summary>Lowers all flags.</summary>
    public readonly void ClearFlags(int padded) =>
        new Span<TAcc>(Flags, (int)MacFlag.Count * PaddedColumns * padded).Clear();

    /// <summary>Whether there are rows and accumulators.</summary>
    public readonly bool HasRows => Rows != null && Accumulators != null;

    /// <summary>Columns that exist.</summary>
    public readonly int PaddedColumns => (Columns + ColumnStep - 1) / ColumnStep * ColumnStep;
}

/// <summary>The flags that accumulation raises.</summary>
internal enum MacFlag
{
    ProductOverflowed,
    ProductInexact,
    AccumulatorOverflowed,
    AccumulatorInexact,
    Count,
}
