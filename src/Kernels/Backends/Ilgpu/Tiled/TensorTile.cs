using ILGPU;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// A step on tensor cores: each warp sums 32 filters against 32 columns, by eight
/// <c>mma.m16n8k32</c> (PTX ISA 9.7.14; compute capability 8.0). Elsewhere the lanes of a warp
/// exchange their fragments through shared memory and do what the instruction does with them.
/// </summary>
internal static class TensorTile
{
    /// <summary>
    /// Integers of shared memory that the exchange needs: 16 registers of every thread.
    /// </summary>
    public const int Exchange = TileKernel.Threads * 2 * MmaFragments.Words;

    private const int ColumnsPerWarp = 32;
    private const int Filters = 32 / MmaFragments.Rows;
    private const int Columns = ColumnsPerWarp / MmaFragments.Columns;
    private const int Registers = 4;

    /// <summary>The filter of a thread's sum, from the tile's first.</summary>
    public static int Filter(int thread, int sum) =>
        (sum / (Columns * Registers) * MmaFragments.Rows)
        + MmaFragments.RowOfD(thread % MmaFragments.Lanes, sum % Registers);

    /// <summary>The column of a thread's sum, from the tile's first.</summary>
    public static int Column(int thread, int sum) =>
        (thread / MmaFragments.Lanes * ColumnsPerWarp)
        + (sum / Registers % Columns * MmaFragments.Columns)
        + MmaFragments.ColumnOfD(thread % MmaFragments.Lanes, sum % Registers);

    /// <summary>32 products more for each sum.</summary>
    public static void MultiplyAdd(
        ArrayView<int> shared,
        int at,
        ArrayView<int> exchange,
        ArrayView<Output<int>> sums,
        TileModes modes)
    {
        EightWords weights = Weights(shared, at + TileStage.Weights);
        EightWords inputs = Inputs(shared, at);
        if (modes.Emulates == 1) Emulate(inputs, weights, exchange, sums, modes);
        else Instruct(inputs, weights, modes.Signs);
    }

    /// <summary>The lane's registers of A for two bands of 16 filters.</summary>
    private static EightWords Weights(ArrayView<int> shared, int at)
    {
        int lane = Group.IdxX & (MmaFragments.Lanes - 1);
        int a = at + ((lane & 3) * TileStage.FilterPitch) + (lane / 4);
        int b = a + (4 * TileStage.FilterPitch);
        return new(
            shared[a], shared[a + 8], shared[b], shared[b + 8],
            shared[a + 16], shared[a + 24], shared[b + 16], shared[b + 24]);
    }

    /// <summary>The lane's registers of B for four bands of 8 columns.</summary>
    private static EightWords Inputs(ArrayView<int> shared, int at)
    {
        int lane = Group.IdxX & (MmaFragments.Lanes - 1);
        int first = Group.IdxX / MmaFragments.Lanes * ColumnsPerWarp;
        int a = at + ((lane & 3) * TileStage.ColumnPitch) + first + (lane / 4);
        int b = a + (4 * TileStage.ColumnPitch);
        return new(
            shared[a], shared[b], shared[a + 8], shared[b + 8],
            shared[a + 16], shared[b + 16], shared[a + 24], shared[b + 24]);
    }

    private static void Instruct(EightWords x, EightWords w, OperandSigns signs)
    {
        CudaAsm.Emit(TileText.HoldEight, w.A, w.B, w.C, w.D, w.E, w.F, w.G, w.H);
        if (signs == OperandSigns.SignedInputs)
            CudaAsm.Emit(InstructionText.MmaSigned, x.A, x.B, x.C, x.D, x.E, x.F, x.G, x.H);
        else if (signs == OperandSigns.UnsignedInputs)
            CudaAsm.Emit(InstructionText.MmaUnsigned, x.A, x.B, x.C, x.D, x.E, x.F, x.G, x.H);
        else
            CudaAsm.Emit(InstructionText.MmaMagnitudes, x.A, x.B, x.C, x.D, x.E, x.F, x.G, x.H);
    }

    private static void Emulate(
        EightWords x,
        EightWords w,
        ArrayView<int> exchange,
        ArrayView<Output<int>> sums,
        TileModes modes)
    {
        int lane = Group.IdxX & (MmaFragments.Lanes - 1);
        int warp = Group.IdxX - lane;
        Show(w, exchange, warp + lane);
        Show(x, exchange, warp + lane + (MmaFragments.Words * TileKernel.Threads));

        // No lane reads before all have shown, and below none shows more before all have read.
        Group.Barrier();
        for (int sum = 0; sum < Filters * Columns * Registers; sum++)
        {
            int row = MmaFragments.RowOfD(lane, sum % Registers);
            int column = MmaFragments.ColumnOfD(lane, sum % Registers);
            int a = sum / (Columns * Registers) * 4;
            int b = MmaFragments.Words + (sum / Registers % Columns * 2);
            int total = sums[sum].Value;
            for (int word = 0; word < MmaFragments.Words; word++)
            {
                int fromA = ((a + MmaFragments.RegisterOfA(row, word)) * TileKernel.Threads)
                    + warp + MmaFragments.LaneOfA(row, word);
                int fromB = ((b + MmaFragments.RegisterOfB(word)) * TileKernel.Threads)
                    + warp + MmaFragments.LaneOfB(column, word);
                total = DotProduct.Add(
                    exchange[fromB], exchange[fromA], total, modes.InputSigned, modes.WeightSigned);
            }

            sums[sum] = new() { Value = total };
        }

        Group.Barrier();
    }

    /// <summary>A thread's registers, [register][thread].</summary>
    private static void Show(EightWords words, ArrayView<int> exchange, int at)
    {
        exchange[at] = words.A;
        exchange[at + TileKernel.Threads] = words.B;
        exchange[at + (2 * TileKernel.Threads)] = words.C;
        exchange[at + (3 * TileKernel.Threads)] = words.D;
        exchange[at + (4 * TileKernel.Threads)] = words.E;
        exchange[at + (5 * TileKernel.Threads)] = words.F;
        exchange[at + (6 * TileKernel.Threads)] = words.G;
        exchange[at + (7 * TileKernel.Threads)] = words.H;
    }
}
