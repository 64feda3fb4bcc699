using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Bench.Ilgpu;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// Kernels with their modes as constants, as specialization makes them when there is a device to
/// run on.
/// </summary>
internal static class ConstantModes
{
    /// <summary>A 16-bit saturating accumulator, sequential, TFLite's requantization.</summary>
    public static void SaturatingMac(
        Index1D index, MacOperands from, LayerResults to, MacSizes sizes, RunKey key) =>
        MacKernel.Compute(index, from, to, sizes, key, Modes(16, OverflowMode.Saturate));

    /// <summary>The same with an accumulator that wraps.</summary>
    public static void WrappingMac(
        Index1D index, MacOperands from, LayerResults to, MacSizes sizes, RunKey key) =>
        MacKernel.Compute(index, from, to, sizes, key, Modes(16, OverflowMode.Wrap));

    /// <summary>The saturating one, four filters per thread.</summary>
    public static void SaturatingFours(
        Index1D index, MacOperands from, ExactSums marks, LayerResults to, MacSizes sizes,
        RunKey key) =>
        FourMacKernel.Compute(
            index, from, marks, to, sizes, key,
            new(Modes(16, OverflowMode.Saturate), Marked: 0));

    /// <summary>The wrapping one, four filters per thread, only where steps count.</summary>
    public static void MarkedFours(
        Index1D index, MacOperands from, ExactSums marks, LayerResults to, MacSizes sizes,
        RunKey key) =>
        FourMacKernel.Compute(
            index, from, marks, to, sizes, key,
            new(Modes(16, OverflowMode.Wrap), Marked: 1));

    /// <summary>The saturating one in 32 bits, without padding.</summary>
    public static void NarrowSaturatingFours(
        Index1D index, MacOperands from, ArrayView<FourInts> weights, ExactSums marks,
        LayerResults to, MacSizes sizes, RunKey key) =>
        NarrowFourKernel.Compute(
            index, from, weights, marks, to, sizes, key,
            new(
                Modes(16, OverflowMode.Saturate), Marked: 0,
                new(0, 0, 0, 0, 0, 0, short.MinValue, short.MaxValue, NarrowOverflow.Saturate, 16),
                Pads: 0));

    /// <summary>One that rounds to even at every step, with padding.</summary>
    public static void NarrowRoundingFours(
        Index1D index, MacOperands from, ArrayView<FourInts> weights, ExactSums marks,
        LayerResults to, MacSizes sizes, RunKey key) =>
        NarrowFourKernel.Compute(
            index, from, weights, marks, to, sizes, key,
            new(
                Modes(16, OverflowMode.Saturate), Marked: 0,
                new(4, 0, 4, 7, 0, 1, short.MinValue, short.MaxValue, NarrowOverflow.Saturate, 16),
                Pads: 1));

    /// <summary>Sums that need no check.</summary>
    public static void ExactFinish(
        Index1D index, ExactSums exact, MacOperands from, LayerResults to, MacSizes sizes,
        RunKey key) =>
        FinishKernel.Compute(
            index, exact, from, to, sizes, key,
            new(Modes(32, OverflowMode.Saturate), Single: 0, Checks: 0));

    /// <summary>The same and the max pooling after it.</summary>
    public static void PooledFinish(
        Index1D index, ExactSums exact, MacOperands from, ArrayView<int> output, MacSizes sizes,
        PoolWindow window, RunKey key) =>
        PooledFinishKernel.Compute(
            index, exact, from, output, sizes, window, key,
            new(Modes(32, OverflowMode.Saturate), Single: 0, Checks: 0));

    public static void SignedSums(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ExactSums exact, int filters, int blocks) =>
        SumKernel.Compute(
            index, inputs, weights, magnitudes, exact, filters, blocks,
            new(InputSigned: 1, Checks: 0));

    public static void UnsignedSums(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ExactSums exact, int filters, int blocks) =>
        SumKernel.Compute(
            index, inputs, weights, magnitudes, exact, filters, blocks,
            new(InputSigned: 0, Checks: 0));

    public static void CheckedSums(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ExactSums exact, int filters, int blocks) =>
        SumKernel.Compute(
            index, inputs, weights, magnitudes, exact, filters, blocks,
            new(InputSigned: 1, Checks: 1));

    public static void SignedDots(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 0, Emulates: 0, OperandSigns.SignedInputs));

    public static void UnsignedDots(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 0, Emulates: 0, OperandSigns.UnsignedInputs));

    public static void MagnitudeDots(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 0, Emulates: 0, OperandSigns.Magnitudes));

    public static void SignedTensors(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 1, Emulates: 0, OperandSigns.SignedInputs));

    public static void UnsignedTensors(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 1, Emulates: 0, OperandSigns.UnsignedInputs));

    public static void MagnitudeTensors(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 1, Emulates: 0, OperandSigns.WeightMagnitudes));

    public static void EmulatedTensors(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 1, Emulates: 1, OperandSigns.SignedInputs));

    public static void EmulatedDots(
        ArrayView<int> inputs, ArrayView<int> weights, ArrayView<int> sums, TileSizes sizes) =>
        TileKernel.Compute(
            inputs, weights, sums, sizes,
            new(TensorCores: 0, Emulates: 1, OperandSigns.UnsignedInputs));

    /// <summary>dp4a and nothing else.</summary>
    public static void DotRate(ArrayView<int> results, int x, int w, int rounds) =>
        RateKernel.Compute(
            results, x, w, rounds, new(TensorCores: 0, Emulates: 0, OperandSigns.SignedInputs));

    /// <summary>mma and nothing else.</summary>
    public static void TensorRate(ArrayView<int> results, int x, int w, int rounds) =>
        RateKernel.Compute(
            results, x, w, rounds, new(TensorCores: 1, Emulates: 0, OperandSigns.SignedInputs));

    private static MacModes Modes(int bits, OverflowMode overflow) => new(
        ConvertsProducts: 0, default, AccumulatorAlign: 0, PartialAlign: 0,
        new ConversionSpec(
            0, bits, -(1L << (bits - 1)), (1L << (bits - 1)) - 1, RoundingMode.TowardNegative,
            overflow),
        OneLane: 1, BiasLast: 0, InputSigned: 1, Narrow: 1, Uniform: 1,
        RequantizationKind.MultiplierDouble,
        RoundingMode.TowardNegative, OverflowMode.Saturate, SaturationBits: 0, Events: 0);
}
