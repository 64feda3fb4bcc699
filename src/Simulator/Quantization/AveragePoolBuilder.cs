using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Average pooling as a profile has it, for a window and an input.</summary>
internal static class AveragePoolBuilder
{
    /// <summary>The unit that averages windows of this geometry.</summary>
    /// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
    /// <param name="stages">The layer's stages.</param>
    /// <param name="input">What is averaged.</param>
    /// <param name="window">The window.</param>
    public static AverageUnit Unit(
        Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor input,
        WindowGeometry window)
    {
        AveragePoolStage stage = stages.AveragePool;
        var unit = new AverageUnit(stage.Rounding);
        if (stage.Division == AverageDivision.Dpu)
        {
            if (window.HasPadding)
                throw refuse(
                    "pooling.average_division",
                    "dpu multiplies by a constant for the whole window, which padding is part of "
                        + "there and not in the network (use exact, or pad in a layer of its own)");
            (long multiplier, int shift) = DpuFactor(window.KernelRows, window.KernelColumns);
            unit = unit with { Multiplier = multiplier, Shift = shift };
        }

        if (stage.Accumulator is not { } register) return unit;
        if (register.FractionBits is int fraction && fraction != input.Scale.FractionBits)
            throw refuse(
                "pooling.average_accumulator",
                $"its binary point (fraction_bits: {fraction}) is not the input's "
                    + $"({Point(input.Scale)})");
        return unit with
        {
            HasRegister = 1,
            Register = ConversionSpec.Into(
                new FixedFormat(register.Bits, 0, register.IsSigned), 0, register.Rounding,
                register.Overflow, register.SaturationBits, stages.Dialect),
        };
    }

    /// <summary>
    /// What the DPU multiplies a sum by, and how many bits it drops then: constants for the common
    /// windows, else the reciprocal's best approximation with at most 7 bits more than the window
    /// needs. Facts from Vitis AI's quantizers (vai_q_pytorch, vai_q_tensorflow2).
    /// </summary>
    internal static (long Multiplier, int Shift) DpuFactor(int rows, int columns)
    {
        (long, int)? known = (rows, columns) switch
        {
            (3, 3) => (7, 6),
            (5, 5) => (10, 8),
            (6, 6) => (7, 8),
            (3, 6) or (6, 3) => (14, 8),
            (7, 7) => (21, 10),
            (14, 14) => (21, 12),
            _ => null,
        };
        if (known is { } constant) return constant;
        double count = (double)rows * columns;
        (long Multiplier, int Shift) best = (0, 0);
        double least = 1;
        for (int shift = 0; shift < Math.Ceiling(Math.Log2(count * 128)); shift++)
        {
            double power = Math.ScaleB(1, shift);
            double factor = Math.Round(power / count, MidpointRounding.ToEven);
            double error = Math.Abs((factor / power) - (1 / count));
            if (error >= least) continue;
            (best, least) = (((long)factor, shift), error);
        }

        return best;
    }

    private static string Point(TensorScale scale) =>
        scale.FractionBits is int f ? $"fraction_bits: {f}" : "none: a real scale";
}
