using QSim.Kernels.Arithmetic;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Real to raw and back to real: the values that a format can hold, as quantization-aware training
/// computes with them. Effectively <c>real = Step * (raw - ZeroPoint) + Offset</c> of the raw value
/// that <see cref="RealConversion.Quantize"/> gives for <c>real - Offset</c>.
/// </summary>
/// <param name="Scale">Step and zero point.</param>
/// <param name="Rounding">
/// Rounding of the quotient. Stochastic rounding is trained with its nearest neighbour, ties to
/// even: a format's random bits belong to the hardware's inference.
/// </param>
/// <param name="Target">
/// Range and overflow mode of the raw value; its shift and rounding are not used.
/// </param>
internal sealed record FakeQuantizer(
    TensorScale Scale, RoundingMode Rounding, ConversionSpec Target)
{
    private const double Bound = 1L << 62;

    /// <summary>
    /// What every value is moved by: half a step where a format has no zero, else 0.
    /// </summary>
    public double Offset { get; init; }

    /// <summary>
    /// Whether a quotient within float32's rounding of a whole number is that number: pixels are
    /// bytes over 255.
    /// </summary>
    public bool SnapsToWhole { get; init; }

    /// <summary>
    /// What of hardware does it. <see cref="QuantizerUnit.Sign"/> is <c>real = 0 or more ? Step :
    /// -Step</c>.
    /// </summary>
    public QuantizerUnit Unit { get; init; }

    /// <summary>The smallest value that the format holds.</summary>
    public double Low => Real(Target.Min);

    /// <summary>The largest value that the format holds.</summary>
    public double High => Real(Target.Max);

    /// <summary>
    /// The rounding that is applied: <see cref="Rounding"/>, or nearest for the stochastic one.
    /// </summary>
    public RoundingMode AppliedRounding =>
        Rounding == RoundingMode.Stochastic ? RoundingMode.NearestTiesToEven : Rounding;

    /// <summary>The same raw values, each standing for its value over a gain.</summary>
    internal FakeQuantizer SmallerBy(double gain) =>
        this with
        {
            Scale = Scale with { Step = Scale.Step / gain, FractionBits = null },
            Offset = Offset / gain,
        };

    /// <summary>
    /// Effectively computes <c>quantized[i] = the format's value for real[i]</c>; NaN becomes the
    /// zero point.
    /// </summary>
    /// <param name="real">Values.</param>
    /// <param name="quantized">Filled; may be <paramref name="real"/> itself.</param>
    public void Apply(ReadOnlySpan<float> real, Span<float> quantized)
    {
        bool saturates = Target.Overflow == OverflowMode.Saturate;
        for (int i = 0; i < real.Length; i++)
        {
            double raw = Round(real[i]);
            raw = saturates ? Math.Min(Math.Max(raw, Target.Min), Target.Max) : Fit(raw);
            quantized[i] = (float)Real(raw);
        }
    }

    /// <summary>
    /// Whether the straight-through gradient passes at a value: where its rounded raw value needs
    /// no fitting, as PyTorch's and Brevitas' fake quantizers have it; of signs
    /// where it lies between the two values.
    /// </summary>
    public bool Passes(float real)
    {
        if (Unit == QuantizerUnit.Sign) return Math.Abs(real) <= Scale.Step;
        double raw = Round(real);
        return raw >= Target.Min && raw <= Target.Max;
    }

    /// <summary>The raw value before it is fitted, as a whole double.</summary>
    private double Round(double real)
    {
        if (Unit == QuantizerUnit.Sign) return real >= 0 ? 1 : -1;
        if (double.IsNaN(real)) return Scale.ZeroPoint;
        double quotient = (real - Offset) / Scale.Step;
        if (SnapsToWhole) quotient = Snap(quotient);
        double rounded = AppliedRounding switch
        {
            RoundingMode.NearestTiesToEven => Math.Round(quotient),
            RoundingMode.TowardNegative => Math.Floor(quotient),
            _ => RealConversion.RoundToInteger(
                Math.Clamp(quotient, -Bound, Bound), AppliedRounding),
        };
        return rounded + Scale.ZeroPoint;
    }

    private static double Snap(double quotient)
    {
        double whole = Math.Round(quotient);
        return Math.Abs(quotient - whole) <= Math.ScaleB(Math.Abs(whole), -23) ? whole : quotient;
    }

    private double Fit(double raw)
    {
        var events = ConversionEvents.None;
        long whole = (long)Math.Clamp(raw, -Bound, Bound);
        return Conversion.Convert(whole, Target with { Shift = 0 }, ref events);
    }

    private double Real(double raw) => (Scale.Step * (raw - Scale.ZeroPoint)) + Offset;
}
