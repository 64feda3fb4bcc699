using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Average pooling as a profile has it, for a window and an input.</summary>
internal static class AveragePoolBuilder
{
    private const string DivisionKey = "pooling.average_division";

    /// <summary>
    /// What comes out: at the input's scale, unless a shift stands for the division.
    /// </summary>
    /// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
    /// <param name="stages">The layer's stages.</param>
    /// <param name="input">What is averaged.</param>
    /// <param name="window">The window.</param>
    /// <param name="shape">The output's shape.</param>
    public static QuantizedTensor Output(
        Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor input,
        WindowGeometry window, TensorShape shape)
    {
        QuantizedTensor same = input.Reshaped(shape);
        if (stages.AveragePool.Division != AverageDivision.Shift) return same;
        if (input.Scale.ZeroPoint != 0)
            throw refuse(DivisionKey, "shift needs an input whose zero point is 0 (use exact)");
        int count = Count(window);
        double step = Math.ScaleB(input.Scale.Step, Dropped(input, count)) / count;
        TensorScale scale = input.Scale.FractionBits is null ? TensorScale.Real(step)
            : BitOperations.IsPow2(count) ? TensorScale.PowerOfTwo(-Math.ILogB(step))
            : throw refuse(
                DivisionKey,
                $"shift divides a window of {count} by a power of two and leaves the rest to the "
                    + "output's scale, which is one, too (use scale: real, or exact)");
        return same with { Type = same.Type with { Scale = scale.Step }, Scale = scale };
    }

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
        AverageUnit unit = Divide(refuse, stage, input, window);
        if (stage.Accumulator is not { } register) return unit;
        if (unit.Real.IsUsed != 0)
            throw refuse("pooling.average_accumulator", "float32 sums are in float32 (use exact)");
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

    private static AverageUnit Divide(
        Func<string, string, Exception> refuse, AveragePoolStage stage, QuantizedTensor input,
        WindowGeometry window)
    {
        var unit = new AverageUnit(stage.Rounding);
        if (stage.Division == AverageDivision.Exact) return unit;
        if (stage.Division >= AverageDivision.Reciprocal
            && stage.Rounding == RoundingMode.Stochastic)
            throw refuse(
                "pooling.average_rounding", "STOCHASTIC does not apply to float32 numbers");
        if (stage.Division == AverageDivision.Float32)
            return IsGlobal(input.Type.Shape, window)
                ? Global(input.Scale, Count(window))
                : Real(input.Scale, input.Scale);
        if (window.HasPadding)
            throw refuse(
                DivisionKey,
                $"{stage.Division.ToString().ToLowerInvariant()} has one factor for the whole "
                    + "window, which padding is part of there and not in the network (use exact, "
                    + "or pad in a layer of its own)");
        int count = Count(window);
        switch (stage.Division)
        {
            case AverageDivision.Dpu:
                (long multiplier, int shift) = DpuFactor(window.KernelRows, window.KernelColumns);
                return unit with { Multiplier = multiplier, Shift = shift };
            case AverageDivision.Shift:
                return unit with { Multiplier = 1, Shift = Dropped(input, count) };
            case AverageDivision.Reciprocal:
                return unit with { Reciprocal = Binary32.Of((float)(1.0 / count)) };
            default:
                throw new ArgumentOutOfRangeException(nameof(stage), stage.Division, null);
        }
    }

    /// <summary>A mean of real values from one scale to another, in float32.</summary>
    public static AverageUnit Real(TensorScale input, TensorScale output) =>
        new(RoundingMode.NearestTiesToEven)
        {
            Real = new(
                1, Binary32.Of((float)input.Step), input.ZeroPoint,
                Binary32.Of((float)output.Step), output.ZeroPoint),
        };

    /// <summary>
    /// ONNX Runtime sums whole images as integers (QLinearGlobalAveragePool): one float32 factor.
    /// </summary>
    private static AverageUnit Global(TensorScale scale, int count) =>
        new(RoundingMode.NearestTiesToEven)
        {
            Reciprocal = Binary32.Of((float)scale.Step / ((float)scale.Step * count)),
            Zero = scale.ZeroPoint,
        };

    /// <summary>
    /// Whether a window is the whole image: ONNX Runtime then sums integers, whatever the operator
    /// is called.
    /// </summary>
    public static bool IsGlobal(TensorShape shape, WindowGeometry window) =>
        !window.HasPadding && (shape.Rows, shape.Columns)
            == (window.KernelRows, window.KernelColumns);

    private static int Count(WindowGeometry window) =>
        checked(window.KernelRows * window.KernelColumns);

    /// <summary>
    /// The bits by which the largest sum of unsigned values of the input's width is wider than one
    /// of them (qonnx, QuantAvgPool2d.get_shifts).
    /// </summary>
    private static int Dropped(QuantizedTensor input, int count)
    {
        BigInteger largest = ((BigInteger.One << input.Type.Bits) - 1) * count;
        return (int)largest.GetBitLength() - input.Type.Bits;
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
