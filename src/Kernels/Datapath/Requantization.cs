using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>How an accumulator becomes an output value (ARITHMETIC.md section 5).</summary>
public enum RequantizationKind
{
    /// <summary><c>Fit(Round(acc / 2^Shift) + ZeroPoint)</c>: the kinds <c>cast</c> and <c>shift</c>.</summary>
    Shift,

    /// <summary>
    /// <c>Fit(RoundingDivideByPOT(SRDHM(acc &lt;&lt; left, Multiplier), right) + ZeroPoint)</c>: gemmlowp, TFLite.
    /// </summary>
    MultiplierDouble,

    /// <summary><c>Fit(((acc*Multiplier + 2^(t-1)) &gt;&gt; t) + ZeroPoint)</c> in 64 bits, t = MultiplierShift.</summary>
    MultiplierSingle,

    /// <summary>
    /// <c>Fit(RoundHalfEven(float32(acc) * RealScale) + ZeroPoint)</c>: QNNPACK, ONNX Runtime.
    /// </summary>
    Real,
}

/// <summary>Requantization of one output channel. Blittable: kernels take an array of these.</summary>
public readonly record struct Requantization
{
    /// <summary>Which formula.</summary>
    public required RequantizationKind Kind { get; init; }

    /// <summary>
    /// The output's range and overflow mode; for <see cref="RequantizationKind.Shift"/> also shift and
    /// rounding. The other kinds use shift 0 (their formula does the rounding).
    /// </summary>
    public required ConversionSpec Output { get; init; }

    /// <summary>The integer multiplier of the multiplier kinds.</summary>
    public int Multiplier { get; init; }

    /// <summary>
    /// <see cref="RequantizationKind.MultiplierDouble"/>: the right shift, negative for a left shift before the
    /// multiplication. <see cref="RequantizationKind.MultiplierSingle"/>: t, at least 1.
    /// </summary>
    public int MultiplierShift { get; init; }

    /// <summary>The float32 scale of <see cref="RequantizationKind.Real"/>.</summary>
    public float RealScale { get; init; }

    /// <summary>The output's zero point.</summary>
    public int ZeroPoint { get; init; }

    /// <summary>Fused activation, lower bound in output raw values (a ReLU's is the zero point).</summary>
    public required long ClampMin { get; init; }

    /// <summary>Fused activation, upper bound in output raw values.</summary>
    public required long ClampMax { get; init; }
}
