using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Profiles;

/// <summary>Whether a format's raw values may be negative.</summary>
internal enum Signedness
{
    /// <summary>Never negative.</summary>
    Unsigned,

    /// <summary>Two's complement.</summary>
    Signed,

    /// <summary>
    /// Unsigned where the values cannot be negative (pixels, after a ReLU), else signed.
    /// </summary>
    Auto,
}

/// <summary>Which scales calibration may choose.</summary>
internal enum ScaleKind
{
    /// <summary>Powers of two: requantization is a shift.</summary>
    PowerOfTwo,

    /// <summary>Any float32.</summary>
    Real,
}

/// <summary>How many scales a tensor has.</summary>
internal enum ScaleGranularity
{
    /// <summary>One.</summary>
    PerTensor,

    /// <summary>One per output channel (weights only).</summary>
    PerChannel,
}

/// <summary>How images become the raw values of a network's input.</summary>
internal enum PixelEncoding
{
    /// <summary>As their bytes, or the high bits of these: the host does no arithmetic.</summary>
    Bytes,

    /// <summary>As real numbers in 0..1, converted by the format's own rules.</summary>
    Real,
}

/// <summary>How calibration picks the range that the format has to cover.</summary>
internal enum CalibrationMethod
{
    /// <summary>The smallest and largest value seen.</summary>
    MinMax,

    /// <summary>
    /// The range without the outermost values: <see cref="Calibration.Percentile"/>.
    /// </summary>
    Percentile,

    /// <summary>The scale with the least mean squared error.</summary>
    MeanSquaredError,
}

/// <summary>How calibration picks a scale.</summary>
/// <param name="Method">The method.</param>
/// <param name="Percentile">
/// For <see cref="CalibrationMethod.Percentile"/>: how much of the values' absolute range, in
/// percent, is kept.
/// </param>
internal sealed record Calibration(CalibrationMethod Method, double Percentile = 99.9);

/// <summary>
/// The format of a tensor as a profile fixes it: either the binary point is given, or the scale is
/// calibrated from data.
/// </summary>
internal sealed record ValueFormat
{
    /// <summary>Width, 1..32.</summary>
    public required int Bits { get; init; }

    /// <summary>Whether raw values may be negative.</summary>
    public required Signedness Signedness { get; init; }

    /// <summary>The binary point; null when the scale is calibrated.</summary>
    public int? FractionBits { get; init; }

    /// <summary>The raw value of 0 where the binary point is given; calibration's else.</summary>
    public int ZeroPoint { get; init; }

    /// <summary>Rounding of real to raw, and of every conversion into this format.</summary>
    public RoundingMode Rounding { get; init; } = RoundingMode.NearestTiesToEven;

    /// <summary>Overflow of the same.</summary>
    public OverflowMode Overflow { get; init; } = OverflowMode.Saturate;

    /// <summary>n of WRAP.</summary>
    public int SaturationBits { get; init; }

    /// <summary>Calibrated formats: which scales are legal.</summary>
    public ScaleKind Scale { get; init; } = ScaleKind.PowerOfTwo;

    /// <summary>Calibrated formats: how many scales.</summary>
    public ScaleGranularity Granularity { get; init; } = ScaleGranularity.PerTensor;

    /// <summary>Calibrated formats: true allows a zero point other than 0 (affine).</summary>
    public bool Affine { get; init; }

    /// <summary>
    /// Signed symmetric formats: the lowest raw value is left out, as in [-127, 127].
    /// </summary>
    public bool NarrowRange { get; init; }

    /// <summary>
    /// Weights whose bits stand for -1 and +1, odd numbers without a zero: raw values take one bit
    /// more. Where the scale of 1 bit is calibrated it is the mean magnitude, which has the least
    /// squared error (Rastegari et al., XNOR-Net, 2016).
    /// </summary>
    public bool IsBipolar { get; init; }

    /// <summary>The network's input: how images get in.</summary>
    public PixelEncoding Pixels { get; init; } = PixelEncoding.Real;

    /// <summary>Calibrated formats: how the scale is picked.</summary>
    public Calibration Calibration { get; init; } = new(CalibrationMethod.MinMax);

    /// <summary>
    /// The raw values that a tensor of this format can hold; where the sign is decided by data,
    /// those of both.
    /// </summary>
    internal ExactRange Range
    {
        get
        {
            if (IsBipolar) return new(1 - (1L << Bits), (1L << Bits) - 1);
            ExactRange signed = ExactRange.Of(new FixedFormat(Bits, 0, true));
            if (NarrowRange) signed = new(-signed.High, signed.High);
            ExactRange unsigned = ExactRange.Of(new FixedFormat(Bits, 0, false));
            return Signedness switch
            {
                Signedness.Signed => signed,
                Signedness.Unsigned => unsigned,
                Signedness.Auto => new(signed.Low, unsigned.High),
            };
        }
    }

    /// <summary>True when the scale comes from data.</summary>
    public bool IsCalibrated => FractionBits is null;
}
