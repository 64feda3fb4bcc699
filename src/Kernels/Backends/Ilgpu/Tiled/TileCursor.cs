using ILGPU;

namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// Where a thread reads the words of a step; neighbours read neighbours. It moves with the loop,
/// for ILGPU sinks what is computed once into the loop.
/// </summary>
/// <param name="A">A word of the thread's first column.</param>
/// <param name="B">Of the column a quarter of the tile further.</param>
/// <param name="C">Two quarters.</param>
/// <param name="D">Three.</param>
/// <param name="W">A word of its filter.</param>
/// <param name="NextBlock">From a column's word to the same of the next 16 operands.</param>
/// <param name="NextWeights">The same for weights.</param>
internal readonly record struct TileCursor(
    int A, int B, int C, int D, int W, int NextBlock, int NextWeights)
{
    private const int WordsPerBlock = 4;
    private const int Quarter = TileKernel.Columns / 4;

    /// <summary>At the first step of the group's tile.</summary>
    public static TileCursor First(TileSizes sizes)
    {
        int thread = Group.IdxX;
        int word = thread & (WordsPerBlock - 1);
        int column = (Grid.IdxX * TileKernel.Columns) + (thread / WordsPerBlock);
        return new(
            Place(column, word, sizes),
            Place(column + Quarter, word, sizes),
            Place(column + (2 * Quarter), word, sizes),
            Place(column + (3 * Quarter), word, sizes),
            (Grid.IdxY * TileKernel.Filters * WordsPerBlock) + thread,
            sizes.Columns * WordsPerBlock,
            sizes.FilterStride * WordsPerBlock);
    }

    /// <summary>One step, which is two blocks, further.</summary>
    public TileCursor Next(TileSizes sizes)
    {
        int inputs = 2 * sizes.Columns * WordsPerBlock;
        return this with
        {
            A = A + inputs,
            B = B + inputs,
            C = C + inputs,
            D = D + inputs,
            W = W + (2 * sizes.FilterStride * WordsPerBlock),
        };
    }

    /// <summary>Columns past the last are read as the last, and not stored.</summary>
    private static int Place(int column, int word, TileSizes sizes) =>
        (IntrinsicMath.Min(column, sizes.Columns - 1) * WordsPerBlock) + word;
}
