using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// What a thread may read of each row: the values from one column on, of which those beside the
/// image count as 0. They are read as all others, and cleared: without a question at each value
/// all loads of a row are under way together. Masks come from memory, where the host has put them,
/// because ILGPU computes what it can compute as late as it can, in the innermost loop.
/// </summary>
/// <param name="Near">Of the first eight values.</param>
/// <param name="Far">Of the next eight.</param>
internal readonly record struct RowEdges(EightMasks Near, EightMasks Far)
{
    /// <summary>
    /// Columns that may be read to the left of an image, and to its right, without leaving the
    /// memory of its tensor.
    /// </summary>
    public const int MostBeside = 64;

    /// <summary>Floats ahead of each tensor, and behind it, that belong to no image.</summary>
    public const int Margin = MostBeside * ImageBlocks.Lanes;

    /// <summary>Values of a row that have a mask.</summary>
    public const int Count = 2 * EightMasks.Count;

    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>Of rows that begin at a column, which may lie beside the image.</summary>
    /// <param name="column">The first column.</param>
    /// <param name="columns">Columns of the image.</param>
    public static RowEdges Of(int column, int columns) => new(
        EightMasks.Of(column, columns), EightMasks.Of(column + EightMasks.Count, columns));

    /// <summary>
    /// One value of a row, <paramref name="j"/> columns from the first: a constant below
    /// <see cref="Count"/> where this is inlined.
    /// </summary>
    public float Load(ArrayView<float> row, int j) => Clear(row[j * Lanes], j);

    /// <summary>
    /// A value, <paramref name="j"/> columns from the first; 0 beside the image.
    /// </summary>
    public float Clear(float value, int j) => Clear(
        value, j < EightMasks.Count ? Near.Of(j) : Far.Of(j - EightMasks.Count));

    /// <summary>A value whose column is known, without a mask.</summary>
    public static float Load(ArrayView<float> row, int j, int column, int columns) =>
        Clear(row[j * Lanes], EightMasks.One(column, columns));

    private static float Clear(float value, uint mask) =>
        Interop.IntAsFloat(Interop.FloatAsInt(value) & mask);
}

/// <summary>Of eight columns side by side: all bits of one in the image, else none.</summary>
/// <param name="A">The first.</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The fourth.</param>
/// <param name="E">The fifth.</param>
/// <param name="F">The sixth.</param>
/// <param name="G">The seventh.</param>
/// <param name="H">The last.</param>
internal readonly record struct EightMasks(
    uint A, uint B, uint C, uint D, uint E, uint F, uint G, uint H)
{
    /// <summary>How many.</summary>
    public const int Count = 8;

    /// <summary>Of the columns from one on.</summary>
    public static EightMasks Of(int column, int columns) => new(
        One(column, columns), One(column + 1, columns), One(column + 2, columns),
        One(column + 3, columns), One(column + 4, columns), One(column + 5, columns),
        One(column + 6, columns), One(column + 7, columns));

    /// <summary>Of one column.</summary>
    public static uint One(int column, int columns) =>
        (uint)column < (uint)columns ? uint.MaxValue : 0;

    /// <summary>One of them; costs nothing where <paramref name="j"/> is a constant.</summary>
    public uint Of(int j) =>
        j == 0 ? A : j == 1 ? B : j == 2 ? C : j == 3 ? D
        : j == 4 ? E : j == 5 ? F : j == 6 ? G : H;
}
