using ILGPU;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Backends.Ilgpu.Tiled;

/// <summary>
/// A step by dp4a (PTX ISA 9.7.1.23): each thread sums 4 filters against 8 columns, its columns 16
/// apart, so that neighbouring threads read neighbouring words of shared memory.
/// </summary>
internal static class DotTile
{
    /// <summary>Columns per thread.</summary>
    public const int Columns = 8;

    private const int Filters = 4;
    private const int Apart = TileKernel.Columns / Columns;

    /// <summary>The filter of a thread's sum, from the tile's first.</summary>
    public static int Filter(int thread, int sum) => (thread / Apart * Filters) + (sum / Columns);

    /// <summary>The column of a thread's sum, from the tile's first.</summary>
    public static int Column(int thread, int sum) => (thread % Apart) + (sum % Columns * Apart);

    /// <summary>32 products more for each sum.</summary>
    public static void MultiplyAdd(
        ArrayView<int> shared, int at, ArrayView<Output<int>> sums, TileModes modes)
    {
        int w = at + TileStage.Weights + Filter(Group.IdxX, 0);
        int x = at + Column(Group.IdxX, 0);
        for (int word = 0; word < TileStage.Words; word++)
        {
            var inputs = new EightWords(
                shared[x], shared[x + Apart], shared[x + (2 * Apart)], shared[x + (3 * Apart)],
                shared[x + (4 * Apart)], shared[x + (5 * Apart)], shared[x + (6 * Apart)],
                shared[x + (7 * Apart)]);
            var weights = new PackedBytes(shared[w], shared[w + 1], shared[w + 2], shared[w + 3]);
            if (modes.Emulates == 1) Emulate(inputs, weights, sums, modes);
            else Instruct(inputs, weights, modes.Signs);
            x += TileStage.ColumnPitch;
            w += TileStage.FilterPitch;
        }
    }

    private static void Instruct(EightWords x, PackedBytes w, OperandSigns signs)
    {
        CudaAsm.Emit(TileText.HoldFour, w.A, w.B, w.C, w.D);
        if (signs == OperandSigns.SignedInputs)
            CudaAsm.Emit(InstructionText.DotSigned, x.A, x.B, x.C, x.D, x.E, x.F, x.G, x.H);
        else if (signs == OperandSigns.UnsignedInputs)
            CudaAsm.Emit(InstructionText.DotUnsigned, x.A, x.B, x.C, x.D, x.E, x.F, x.G, x.H);
        else
            CudaAsm.Emit(InstructionText.DotMagnitudes, x.A, x.B, x.C, x.D, x.E, x.F, x.G, x.H);
    }

    private static void Emulate(
        EightWords x, PackedBytes w, ArrayView<Output<int>> sums, TileModes modes)
    {
        for (int filter = 0; filter < Filters; filter++)
        {
            int row = filter == 0 ? w.A : filter == 1 ? w.B : filter == 2 ? w.C : w.D;
            int at = filter * Columns;
            Add(ref sums[at], x.A, row, modes);
            Add(ref sums[at + 1], x.B, row, modes);
            Add(ref sums[at + 2], x.C, row, modes);
            Add(ref sums[at + 3], x.D, row, modes);
            Add(ref sums[at + 4], x.E, row, modes);
            Add(ref sums[at + 5], x.F, row, modes);
            Add(ref sums[at + 6], x.G, row, modes);
            Add(ref sums[at + 7], x.H, row, modes);
        }
    }

    private static void Add(ref Output<int> sum, int x, int w, TileModes modes) =>
        sum.Value = DotProduct.Add(x, w, sum.Value, modes.InputSigned, modes.WeightSigned);
}
