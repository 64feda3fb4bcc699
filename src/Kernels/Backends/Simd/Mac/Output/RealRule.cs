using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// How a binary32 number becomes an output; loops are compiled once for each rule.
/// </summary>
internal interface IRealRule
{
    /// <summary>
    /// Whether a bias is added before the scale and the zero point before the rounding (oneDNN),
    /// not the zero point alone after it.
    /// </summary>
    static abstract bool RoundsLast { get; }

    /// <summary>Whether ties go up, not to even.</summary>
    static abstract bool TiesUp { get; }
}

/// <summary>Ties to even, then the zero point: QNNPACK, ONNX Runtime, Gemmini.</summary>
internal readonly struct ScaledToEven : IRealRule
{
    /// <inheritdoc/>
    public static bool RoundsLast => false;

    /// <inheritdoc/>
    public static bool TiesUp => false;
}

/// <summary>Ties up, then the zero point: FINN's thresholds.</summary>
internal readonly struct ScaledUp : IRealRule
{
    /// <inheritdoc/>
    public static bool RoundsLast => false;

    /// <inheritdoc/>
    public static bool TiesUp => true;
}

/// <summary>Bias, scale, zero point, then ties to even: oneDNN.</summary>
internal readonly struct OnceToEven : IRealRule
{
    /// <inheritdoc/>
    public static bool RoundsLast => true;

    /// <inheritdoc/>
    public static bool TiesUp => false;
}

/// <summary>The arithmetic of a rule on lanes.</summary>
internal static class RealRules
{
    // Beyond every output's range, and far enough inside an int's to add a zero point.
    private const float Far = 1 << 30;

    // Products of smaller scales might vanish; a smaller bias might, too.
    private const float LeastScale = 1e-30f, LeastOnce = 1e-20f, LeastBias = 1e-6f;
    private const int MostZero = 1 << 24;

    /// <summary>True when a rule's lanes give what every channel's requantization does.</summary>
    public static bool Supports<TRule>(Requantization[] channels)
        where TRule : IRealRule => channels.All(
        c => c.Kind == (TRule.RoundsLast ? RequantizationKind.RealOnce : RequantizationKind.Real)
            && c.Output == channels[0].Output
            && c.Output.Rounding == (TRule.TiesUp
                ? RoundingMode.NearestTiesTowardPositive
                : RoundingMode.NearestTiesToEven)
            && c.Output.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            && Math.Abs((long)c.ZeroPoint) <= MostZero
            && (c.RealScale == 0
                || Math.Abs(c.RealScale) >= (TRule.RoundsLast ? LeastOnce : LeastScale))
            && (c.RealBias == 0 || !TRule.RoundsLast || Math.Abs(c.RealBias) >= LeastBias));

    /// <summary>
    /// The number that is rounded, or something whole that is as far beyond every range.
    /// </summary>
    public static Vector<float> Number<TRule>(
        Vector<int> accumulators, Vector<float> scale, Vector<float> bias, Vector<int> zero)
        where TRule : IRealRule
    {
        Vector<float> sum = Vector.ConvertToSingle(accumulators);
        if (TRule.RoundsLast) sum += bias;
        Vector<float> product = Vector.Min(
            Vector.Max(sum * scale, new Vector<float>(-Far)), new Vector<float>(Far));
        return TRule.RoundsLast ? product + Vector.ConvertToSingle(zero) : product;
    }

    /// <summary>The number, rounded.</summary>
    public static Vector<float> Whole<TRule>(Vector<float> number)
        where TRule : IRealRule
    {
        Vector<float> even = Vector.Round(number, MidpointRounding.ToEven);
        if (!TRule.TiesUp) return even;
        // A tie that went down is exactly a half above.
        Vector<float> half = new(0.5f);
        return even + Vector.ConditionalSelect(
            Vector.Equals(number - even, half), Vector<float>.One, Vector<float>.Zero);
    }

    /// <summary>The output before the activation.</summary>
    public static Vector<int> Output<TRule>(Vector<float> whole, Vector<int> zero)
        where TRule : IRealRule =>
        TRule.RoundsLast ? Vector.ConvertToInt32(whole) : Vector.ConvertToInt32(whole) + zero;
}
