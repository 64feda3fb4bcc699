namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Sizes of a sum of products over windows, the forward pass of a layer as well as its backward
/// pass: output (row, column) of a filter is the sum over channels and kernel places of
/// <c>weight * input[(row * stride - pad + place * dilation) / spread]</c>, left out where that is
/// no whole number or not in the image. Distances are in floats. Blittable; the same for every
/// thread.
/// </summary>
internal readonly record struct ProductShape
{
    /// <summary>Input channels of a group.</summary>
    public int Depth { get; init; }

    /// <summary>Rows of the input.</summary>
    public int FromRows { get; init; }

    /// <summary>Columns of the input.</summary>
    public int FromColumns { get; init; }

    /// <summary>From one input row to the next.</summary>
    public int FromRow { get; init; }

    /// <summary>From one input column to the next.</summary>
    public int FromColumn { get; init; }

    /// <summary>From one input channel to the next.</summary>
    public int FromChannel { get; init; }

    /// <summary>From one block of images to the next, in the input.</summary>
    public int FromBlock { get; init; }

    /// <summary>Rows of the output.</summary>
    public int ToRows { get; init; }

    /// <summary>Columns of the output.</summary>
    public int ToColumns { get; init; }

    /// <summary>From one output row to the next.</summary>
    public int ToRow { get; init; }

    /// <summary>From one output column to the next.</summary>
    public int ToColumn { get; init; }

    /// <summary>From one output channel to the next.</summary>
    public int ToChannel { get; init; }

    /// <summary>From one block of images to the next, in the output.</summary>
    public int ToBlock { get; init; }

    /// <summary>Output channels of a group.</summary>
    public int Filters { get; init; }

    /// <summary>Groups that channels are split into.</summary>
    public int Groups { get; init; }

    /// <summary>Rows of padding above; may be negative.</summary>
    public int PadTop { get; init; }

    /// <summary>Columns of padding to the left; may be negative.</summary>
    public int PadLeft { get; init; }
}

/// <summary>The window of a <see cref="ProductShape"/>, for which kernels are compiled.</summary>
/// <param name="Rows">Rows of the kernel.</param>
/// <param name="Columns">Columns of the kernel.</param>
/// <param name="StrideRows">Input rows from one output row to the next.</param>
/// <param name="StrideColumns">Input columns from one output column to the next.</param>
/// <param name="DilationRows">Input rows from one kernel row to the next.</param>
/// <param name="DilationColumns">Input columns from one kernel column to the next.</param>
/// <param name="SpreadRows">How far apart the input's rows lie in its own coordinates.</param>
/// <param name="SpreadColumns">The same of columns.</param>
internal readonly record struct ProductWindow(
    int Rows, int Columns, int StrideRows, int StrideColumns, int DilationRows,
    int DilationColumns, int SpreadRows, int SpreadColumns)
{
    /// <summary>
    /// Whether neighbouring outputs read neighbouring inputs, so that a value read once serves
    /// several of them.
    /// </summary>
    public bool Slides => StrideRows == 1 && DilationRows == 1 && SpreadRows == 1
        && StrideColumns == 1 && DilationColumns == 1 && SpreadColumns == 1;
}

/// <summary>All that a kernel is compiled for.</summary>
/// <param name="Shape">Sizes.</param>
/// <param name="Window">The window.</param>
/// <param name="Ending">What becomes of the sums.</param>
internal readonly record struct ProductTask(
    ProductShape Shape, ProductWindow Window, Ending Ending);

/// <summary>What becomes of a value before it is stored. Blittable.</summary>
/// <param name="Adds">1 when it is added to what is there.</param>
/// <param name="Masks">1 when it is stored as 0 where the mask is not above 0.</param>
/// <param name="Floor">The least value that is stored.</param>
internal readonly record struct Ending(int Adds, int Masks, float Floor)
{
    /// <summary>Stores as it is.</summary>
    public static Ending Plain => new(0, 0, float.NegativeInfinity);
}
