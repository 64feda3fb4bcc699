using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Functions that TensorFlow Lite's kernels compute in integers, of a raw value less its zero
/// point to one less the output's; they are not fitted into the output yet.
/// </summary>
internal static class LitertFixed
{
    private const int Bits = 32;

    /// <summary>Such a function; null where it has none, or refuses these scales.</summary>
    /// <param name="layer">The function.</param>
    /// <param name="whose">Which library's.</param>
    /// <param name="steps">The input's and the output's.</param>
    public static Func<int, long>? Of(
        FloatLayer layer, FunctionArithmetic whose, (float From, float To) steps) =>
        layer switch
        {
            PointLayer { Function: PointFunction.LeakyRelu, A: var slope } =>
                Leaky((float)slope, whose, steps),
            PointLayer { Function: PointFunction.HardSwish } => HardSwish(steps),
            PointLayer { Function: PointFunction.Abs } => Magnitude(steps),
            _ => ClampBounds.Of(layer) is { } bounds ? Clamp(bounds, steps) : null,
        };

    /// <summary>A clamp by itself, whose input has other steps (ReluX).</summary>
    private static Func<int, long> Clamp(ClampBounds bounds, (float From, float To) steps)
    {
        FixedMultiplier by = FixedMultiplier.Of(steps.From / steps.To, Bits);
        (double low, double high) = (Bound(bounds.Low), Bound(bounds.High));
        return x => (long)Math.Clamp(Scaled(x, by), low, high);

        double Bound(double real) => Math.Clamp(
            (double)MathF.Round((float)real / steps.To, MidpointRounding.AwayFromZero),
            int.MinValue, int.MaxValue);
    }

    /// <summary>QuantizeLeakyRelu; XNNPACK's factors are multiples of 1/256.</summary>
    private static Func<int, long>? Leaky(
        float slope, FunctionArithmetic whose, (float From, float To) steps)
    {
        float above = steps.From / steps.To, below = above * slope;
        if (whose == FunctionArithmetic.Xnnpack && IsXnnpacks(above, below))
        {
            const int Parts = 256, Half = 128, Shift = 8;
            (int high, int low) = (
                (int)MathF.Round(above * Parts, MidpointRounding.ToEven),
                (int)MathF.Round(below * Parts, MidpointRounding.ToEven));
            return x => ((x * (x >= 0 ? high : low)) + Half) >> Shift;
        }

        FixedMultiplier same = FixedMultiplier.Of(above, Bits);
        float other = steps.From * slope / steps.To;
        if (other == 0) return x => x >= 0 ? Scaled(x, same) : 0;
        if (!(Math.Abs(other) < LitertFunctions.MostRatio)) return null;
        FixedMultiplier turned = FixedMultiplier.Of(Math.Abs(other), Bits);
        return x => x >= 0 ? Scaled(x, same) : Math.Sign(other) * Scaled(x, turned);
    }

    /// <summary>Whether XNNPACK takes a leaky ReLU's factors (xnnpack_delegate.cc).</summary>
    private static bool IsXnnpacks(float above, float below) =>
        above is >= 1f / 256 and <= 128 && below is >= -127.99609375f and <= 128
        && MathF.Abs(below) >= 1f / 256;

    /// <summary>AbsEvalQuantized.</summary>
    private static Func<int, long> Magnitude((float From, float To) steps)
    {
        if (steps.From == steps.To) return x => Math.Abs(x);
        FixedMultiplier by = FixedMultiplier.Of(steps.From / steps.To, Bits);
        return x => Scaled(Math.Abs(x), by);
    }

    /// <summary>
    /// HardSwish in 16 bits: the value on the output's steps times a gate of 15 fraction bits.
    /// </summary>
    private static Func<int, long>? HardSwish((float From, float To) steps)
    {
        const float Fine = 1 / 128f, Gate = 3 / 32768f;
        const int FineBits = 7, Half = 1 << 15, Short = 16;
        float fine = Fine * steps.From;
        FixedMultiplier made = FixedMultiplier.Of(fine / steps.To, Bits).Reduced(Short);
        FixedMultiplier gated = FixedMultiplier.Of(fine / Gate, Bits).Reduced(Short);
        if (made.Exponent > 0) return null;
        return x =>
        {
            int value = x << FineBits, gate = value;
            int left = Math.Max(gated.Exponent, 0);
            int right = Math.Clamp(-gated.Exponent, 0, Bits - 1);
            if (left > 0) gate = Fitted((long)gate << Math.Min(left - 1, Short));
            gate = HighMultiply(gate, gated.Value);
            if (left > 0) gate = Fitted((long)gate << 1);
            gate = (int)Divided(gate, right);
            gate = (gate + Half) >> 1;
            int product = gate * HighMultiply(value, made.Value) / Half;
            return Divided(product, -made.Exponent);
        };
    }

    /// <summary>MultiplyByQuantizedMultiplier, with two roundings.</summary>
    private static long Scaled(int value, FixedMultiplier by) => by.Exponent < 1 - Bits
        ? 0
        : Divided(
            Requantizer.HighMultiply((long)value << Math.Max(by.Exponent, 0), by.Value),
            Math.Max(-by.Exponent, 0));

    /// <summary>gemmlowp's RoundingDivideByPOT.</summary>
    private static long Divided(long value, int bits) =>
        Rounding.ShiftRight(value, bits, RoundingMode.NearestTiesAway);

    /// <summary>gemmlowp's SaturatingRoundingDoublingHighMul of 16 bits.</summary>
    private static int HighMultiply(int a, int b) =>
        (int)Rounding.ShiftRight((long)a * b, 15, RoundingMode.NearestTiesTowardPositive);

    private static int Fitted(long value) =>
        (int)Math.Clamp(value, short.MinValue, short.MaxValue);
}
