using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Real numbers to raw values and back.</summary>
internal static class RealConversion
{
    // Past this the quotient is far outside any format of 32 bits, and still exact as a long.
    private const double Bound = 1L << 62;

    /// <summary>
    /// Effectively computes <c>Fit(Round(real / scale.Step) + scale.ZeroPoint)</c>. The quotient is
    /// taken in double: exact when the step is a power of two. NaN becomes the zero point.
    /// </summary>
    /// <param name="real">The value.</param>
    /// <param name="scale">What one raw step stands for.</param>
    /// <param name="rounding">Any mode but stochastic.</param>
    /// <param name="target">Range and overflow mode of the format; its shift is not used.</param>
    public static long Quantize(
        double real, in TensorScale scale, RoundingMode rounding, in ConversionSpec target)
    {
        var events = ConversionEvents.None;
        return QuantizeCounting(real, scale, rounding, target, ref events);
    }

    /// <summary>The same, collecting whether the value left the format's range.</summary>
    public static long QuantizeCounting(
        double real, in TensorScale scale, RoundingMode rounding, in ConversionSpec target,
        ref ConversionEvents events)
    {
        double quotient = double.IsNaN(real) ? 0 : Math.Clamp(real / scale.Step, -Bound, Bound);
        return Conversion.Convert(
            RoundToInteger(quotient, rounding) + scale.ZeroPoint, target with { Shift = 0 },
            ref events);
    }

    /// <summary>
    /// A pixel in 0..1 as a level in 0..255. A float32 that is the nearest to a byte over 255 is
    /// that byte, whatever it makes times 255. Kernels call this.
    /// </summary>
    public static double ByteLevel(float pixel)
    {
        double level = (double)pixel * 255;
        double whole = Round(level, RoundingMode.NearestTiesToEven);
        return (float)(whole / 255) == pixel ? whole : level;
    }

    /// <summary>Effectively computes <c>scale.Step * (raw - scale.ZeroPoint)</c>.</summary>
    public static double Dequantize(long raw, in TensorScale scale) =>
        scale.Step * (raw - scale.ZeroPoint);

    /// <summary>
    /// Effectively computes the integer next to <paramref name="value"/> that the mode picks.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The mode is stochastic: real values carry no counter.
    /// </exception>
    public static long RoundToInteger(double value, RoundingMode mode) =>
        mode == RoundingMode.Stochastic
            ? throw new ArgumentException($"{mode} does not apply to real values", nameof(mode))
            : Round(value, mode);

    /// <summary>
    /// The same without a look at the mode, which kernels cannot refuse; any but stochastic.
    /// </summary>
    public static long Round(double value, RoundingMode mode)
    {
        double floor = Math.Floor(value);
        double rest = value - floor;
        bool addsOne = Rounding.AddsOne(
            mode, value < 0, ((long)floor & 1) != 0, rest >= 0.5, rest is not 0 and not 0.5);
        return (long)floor + (addsOne ? 1 : 0);
    }

    /// <summary>Range and overflow of a tensor format once its signedness is known.</summary>
    public static ConversionSpec Target(ValueFormat format, bool isSigned)
    {
        var target = ConversionSpec.Into(
            new FixedFormat(format.Bits, 0, isSigned), 0, format.Rounding, format.Overflow,
            format.SaturationBits);
        return format.NarrowRange && isSigned && format.Bits > 1
            ? target with
            {
                Min = -target.Max,
            }
            : target;
    }
}
