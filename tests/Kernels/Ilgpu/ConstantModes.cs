using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// Kernels with their modes as constants, as specialization makes them when there is a device to
/// run on.
/// </summary>
public static class ConstantModes
{
    /// <summary>A 16-bit saturating accumulator, sequential, TFLite's requantization.</summary>
    public static void SaturatingMac(
        Index1D index, ArrayView<int> input, ArrayView<int> weights, ArrayView<long> bias,
        ArrayView<Requantization> requantization, ArrayView<Tap> taps, ArrayView<int> output,
        ArrayView<int> events, MacSizes sizes, RunKey key) =>
        MacKernel.Compute(
            index, input, weights, bias, requantization, taps, output, events, sizes, key,
            new MacModes(
                ConvertsProducts: 0,
                default,
                AccumulatorAlign: 0,
                PartialAlign: 0,
                new ConversionSpec(
                    0, 16, short.MinValue, short.MaxValue, RoundingMode.TowardNegative,
                    OverflowMode.Saturate),
                OneLane: 1,
                BiasLast: 0,
                InputSigned: 1,
                Uniform: 1,
                RequantizationKind.MultiplierDouble,
                RoundingMode.TowardNegative,
                OverflowMode.Saturate,
                SaturationBits: 0,
                Events: 0
            )
        );

    public static void SignedSums(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ArrayView<int> sums, ArrayView<int> bounds, int filters,
        int columns, int blocks) =>
        SumKernel.Compute(
            index, inputs, weights, magnitudes, sums, bounds, filters, columns, blocks,
            new(InputSigned: 1, Checks: 0));

    public static void UnsignedSums(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ArrayView<int> sums, ArrayView<int> bounds, int filters,
        int columns, int blocks) =>
        SumKernel.Compute(
            index, inputs, weights, magnitudes, sums, bounds, filters, columns, blocks,
            new(InputSigned: 0, Checks: 0));

    public static void CheckedSums(
        Index1D index, ArrayView<PackedBytes> inputs, ArrayView<PackedBytes> weights,
        ArrayView<PackedBytes> magnitudes, ArrayView<int> sums, ArrayView<int> bounds, int filters,
        int columns, int blocks) =>
        SumKernel.Compute(
            index, inputs, weights, magnitudes, sums, bounds, filters, columns, blocks,
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
}
