using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// How an accumulator becomes an output value (ARITHMETIC.md section 5). Where the formulas say
/// Act, the fused activation clamps to [ClampMin, ClampMax] after the zero point is added and
/// before the value is fitted to the output format, so a negative value that a ReLU removes is no
/// overflow.
/// </summary>
internal enum RequantizationKind
{
    /// <summary>
    /// <c>Fit(Act(Round(acc / 2^Shift) + ZeroPoint))</c>: the kinds <c>cast</c> and <c>shift</c>.
    /// </summary>
    Shift,

    /// <summary>
    /// <c>Fit(Act(RoundingDivideByPOT(SRDHM(acc &lt;&lt; left, Multiplier), right) +
    /// ZeroPoint))</c>: gemmlowp, TFLite.
    /// </summary>
    MultiplierDouble,

    /// <summary>
    /// <c>Fit(Act(((acc*Multiplier + 2^(t-1)) &gt;&gt; t) + ZeroPoint))</c> in 64 bits, t =
    /// MultiplierShift.
    /// </summary>
    MultiplierSingle,

    /// <summary>
    /// <c>Fit(Act(Round(float32(acc) * RealScale) + ZeroPoint))</c>: QNNPACK, ONNX Runtime.
    /// </summary>
    Real,

    /// <summary>
    /// <c>Fit(Act(Round((float32(acc) + RealBias) * RealScale + ZeroPoint)))</c>, every operation
    /// rounded to float32: oneDNN.
    /// </summary>
    RealOnce,
}

/// <summary>
/// Requantization of one output channel. Blittable: kernels take an array of these.
/// </summary>
internal readonly record struct Requantization
{
    /// <summary>Which formula.</summary>
    public required RequantizationKind Kind { get; init; }

    /// <summary>
    /// The output's range and overflow mode; for <see cref="RequantizationKind.Shift"/> also shift
    /// and rounding, for the real kinds the rounding. Other kinds than Shift use shift 0.
    /// </summary>
    public required ConversionSpec Output { get; init; }

    /// <summary>The integer multiplier of the multiplier kinds.</summary>
    public int Multiplier { get; init; }

    /// <summary>
    /// <see cref="RequantizationKind.MultiplierDouble"/>: the right shift, negative for a left
    /// shift before the multiplication. <see cref="RequantizationKind.MultiplierSingle"/>: t, at
    /// least 1.
    /// </summary>
    public int MultiplierShift { get; init; }

    /// <summary>
    /// The float32 scale of the real kinds, finite; kept as the two integers below, for kernels do
    /// no float arithmetic.
    /// </summary>
    public float RealScale
    {
        get => (float)Math.ScaleB(RealMantissa, RealExponent);
        init => (RealMantissa, RealExponent) = Float32.Split(value);
    }

    /// <summary>Significand of <see cref="RealScale"/>.</summary>
    public int RealMantissa { get; private init; }

    /// <summary>
    /// Exponent of <see cref="RealScale"/>: it is <c>RealMantissa * 2^RealExponent</c>.
    /// </summary>
    public int RealExponent { get; private init; }

    /// <summary>The unrounded bias of <see cref="RequantizationKind.RealOnce"/>, finite.</summary>
    public float RealBias
    {
        get => (float)Math.ScaleB(BiasMantissa, BiasExponent);
        init => (BiasMantissa, BiasExponent) = Float32.Split(value);
    }

    /// <summary>Significand of <see cref="RealBias"/>.</summary>
    public int BiasMantissa { get; private init; }

    /// <summary>Exponent of <see cref="RealBias"/>.</summary>
    public int BiasExponent { get; private init; }

    /// <summary>
    /// Whether the scale was too small for the hardware's, so that every accumulator gives the zero
    /// point.
    /// </summary>
    public bool IsLost => Kind switch
    {
        RequantizationKind.MultiplierDouble or RequantizationKind.MultiplierSingle =>
            Multiplier == 0,
        RequantizationKind.Real or RequantizationKind.RealOnce => RealMantissa == 0,
        RequantizationKind.Shift => false,
    };

    /// <summary>The output's zero point.</summary>
    public int ZeroPoint { get; init; }

    /// <summary>Fused activation, lower bound in output raw values (a ReLU's is the zero point);
    /// <c>long.MinValue</c> without one.</summary>
    public required long ClampMin { get; init; }

    /// <summary>Fused activation, upper bound in output raw values; <c>long.MaxValue</c> without
    /// one.</summary>
    public required long ClampMax { get; init; }
}
