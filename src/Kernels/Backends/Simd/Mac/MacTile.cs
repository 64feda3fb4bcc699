namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// Some columns of one layer's output on their way through gathering, accumulation and requantization. A
/// column is one position of one image; a column's row holds the inputs that its products take.
/// </summary>
/// <typeparam name="T">int or long.</typeparam>
internal unsafe struct MacTile<T>
    where T : unmanaged
{
    /// <summary>First column: image * positions + position.</summary>
    public int First;

    /// <summary>Columns that count; rows and accumulators exist up to a multiple of four.</summary>
    public int Columns;

    /// <summary>The group of channels.</summary>
    public int Group;

    /// <summary>The images.</summary>
    public ImageBlock Block;

    /// <summary>[column][step].</summary>
    public T* Rows;

    /// <summary>[column][channel], channels padded to vectors.</summary>
    public T* Accumulators;

    /// <summary>
    /// One plane per flag in the order of <see cref="MacFlag"/>, each like <see cref="Accumulators"/>, not 0 where
    /// raised; null when no events are collected.
    /// </summary>
    public T* Flags;
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
