using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// The exact integer matrix product on CUDA: a group of 128 threads computes 32 filters x 128
/// columns from shared memory, 32 products at a time, while the operands of the next step are on
/// their way. What multiplies is dp4a or a tensor core; all else is the same, and on other devices
/// their emulation runs.
/// </summary>
internal static class TileKernel
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 128;

    /// <summary>Filters of a group.</summary>
    public const int Filters = 32;

    /// <summary>Columns of a group.</summary>
    public const int Columns = 128;

    /// <summary>Products per step.</summary>
    public const int Depth = 32;

    /// <summary>Sums of a thread.</summary>
    public const int Sums = Filters * Columns / Threads;

    /// <summary>One tile of sums.</summary>
    /// <param name="inputs">[block of 16 operands][column][word].</param>
    /// <param name="weights">[block][filter][word], whole tiles of filters.</param>
    /// <param name="sums">Filled, [filter][column].</param>
    /// <param name="sizes">Of the product.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        ArrayView<int> inputs,
        ArrayView<int> weights,
        ArrayView<int> sums,
        TileSizes sizes,
        SpecializedValue<TileModes> modes) =>
        Compute(inputs, weights, sums, sizes, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes,
        TileModes modes)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(2 * TileStage.Length);
        ArrayView<int> exchange = shared;
        if (modes.Emulates == 1 && modes.TensorCores == 1)
            exchange = SharedMemory.Allocate<int>(TensorTile.Exchange);
        ArrayView<Output<int>> mine = LocalMemory.Allocate<Output<int>>(Sums);
        Begin(mine, modes);
        TileCursor cursor = TileCursor.First(sizes);
        TileStage.Load(inputs, weights, cursor).As(modes.Signs).Store(shared, 0);
        for (int step = 0; step < sizes.Steps; step++)
        {
            int current = (step & 1) * TileStage.Length;
            Group.Barrier();

            // The last step reads itself once more, into memory that nobody reads.
            if (step + 1 < sizes.Steps) cursor = cursor.Next(sizes);
            TileStage next = TileStage.Load(inputs, weights, cursor);
            if (modes.TensorCores == 1)
                TensorTile.MultiplyAdd(shared, current, exchange, mine, modes);
            else
                DotTile.MultiplyAdd(shared, current, mine, modes);
            next.As(modes.Signs).Store(shared, TileStage.Length - current);
        }

        End(mine, modes);
        Store(mine, sums, sizes, modes);
    }

    private static void Store(
        ArrayView<Output<int>> mine, ArrayView<int> sums, TileSizes sizes, TileModes modes)
    {
        int thread = Group.IdxX;
        for (int i = 0; i < Sums; i++)
        {
            int filter =
                (Grid.IdxY * Filters)
                + (
                    modes.TensorCores == 1
                        ? TensorTile.Filter(thread, i)
                        : DotTile.Filter(thread, i)
                );
            int column =
                (Grid.IdxX * Columns)
                + (
                    modes.TensorCores == 1
                        ? TensorTile.Column(thread, i)
                        : DotTile.Column(thread, i)
                );
            if (filter < sizes.Filters && column < sizes.Columns)
                sums[(filter * sizes.Columns) + column] = mine[i].Value;
        }
    }

    internal static void Begin(ArrayView<Output<int>> sums, TileModes modes)
    {
        if (modes.Emulates == 1) for (int i = 0; i < Sums; i++) sums[i] = default;
        else CudaAsm.Emit(TileText.Begin);
    }

    /// <summary>The instructions' sums live in registers of their own until here.</summary>
    internal static void End(ArrayView<Output<int>> s, TileModes modes)
    {
        if (modes.Emulates == 1) return;
        CudaAsm.EmitRef(
            TileText.End,
            ref s[0], ref s[1], ref s[2], ref s[3], ref s[4], ref s[5], ref s[6], ref s[7],
            ref s[8], ref s[9], ref s[10], ref s[11], ref s[12], ref s[13], ref s[14], ref s[15],
            ref s[16], ref s[17], ref s[18], ref s[19], ref s[20], ref s[21], ref s[22], ref s[23],
            ref s[24], ref s[25], ref s[26], ref s[27], ref s[28], ref s[29], ref s[30], ref s[31]);
    }
}
