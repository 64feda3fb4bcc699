using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;

namespace QSim.Kernels.Bench.Ilgpu;

/// <summary>
/// The tile kernel's instructions and nothing else: no memory is touched between the first and the
/// last, so what comes out is the device's rate.
/// </summary>
internal static class RateKernel
{
    /// <summary>
    /// Multiply-adds of one thread and round: 32 dp4a, or a warp's share of 8 mma.
    /// </summary>
    public static int PerRound(TileModes modes) => modes.TensorCores == 1
        ? 8 * MmaFragments.Rows * MmaFragments.Columns * MmaFragments.Words * 4 / MmaFragments.Lanes
        : TileKernel.Sums * 4;

    /// <summary>Each thread's sums, added up.</summary>
    /// <param name="results">Filled, one per thread.</param>
    /// <param name="x">Four bytes of inputs, of every column.</param>
    /// <param name="w">Four bytes of weights, of every filter.</param>
    /// <param name="rounds">How often.</param>
    /// <param name="modes">Which instruction.</param>
    public static void Run(
        ArrayView<int> results, int x, int w, int rounds, SpecializedValue<TileModes> modes) =>
        Compute(results, x, w, rounds, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(ArrayView<int> results, int x, int w, int rounds, TileModes modes)
    {
        ArrayView<Output<int>> sums = LocalMemory.Allocate<Output<int>>(TileKernel.Sums);
        TileKernel.Begin(sums, modes);
        if (modes.Emulates == 0 && modes.TensorCores == 1)
            CudaAsm.Emit(TileText.HoldEight, w, w, w, w, w, w, w, w);
        else if (modes.Emulates == 0)
            CudaAsm.Emit(TileText.HoldFour, w, w, w, w);
        for (int round = 0; round < rounds; round++)
        {
            if (modes.Emulates == 1) Emulate(sums, x, w);
            else if (modes.TensorCores == 1)
                CudaAsm.Emit(InstructionText.MmaSigned, x, x, x, x, x, x, x, x);
            else CudaAsm.Emit(InstructionText.DotSigned, x, x, x, x, x, x, x, x);
        }

        TileKernel.End(sums, modes);
        int total = 0;
        for (int i = 0; i < TileKernel.Sums; i++) total += sums[i].Value;
        results[(Grid.IdxX * Group.DimX) + Group.IdxX] = total;
    }

    private static void Emulate(ArrayView<Output<int>> sums, int x, int w)
    {
        for (int i = 0; i < TileKernel.Sums; i++)
            sums[i].Value = DotProduct.Add(x, w, sums[i].Value, inputSigned: 1, weightSigned: 1);
    }
}
