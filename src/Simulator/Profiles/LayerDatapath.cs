using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Profiles;

/// <summary>Where a zero point goes (ARITHMETIC.md section 4.1).</summary>
internal enum ZeroPointHandling
{
    /// <summary>Into the bias, ahead of time.</summary>
    Folded,

    /// <summary>Off every input at the multiplier, which is one bit wider for it.</summary>
    Subtracted,
}

/// <summary>The accumulator as a profile fixes it.</summary>
internal sealed record AccumulatorFormat
{
    /// <summary>Width, 2..64.</summary>
    public required int Bits { get; init; }

    /// <summary>The binary point; null puts it where the product has it.</summary>
    public int? FractionBits { get; init; }

    /// <summary>Whether it holds negative values.</summary>
    public bool IsSigned { get; init; } = true;

    /// <summary>Rounding of every update.</summary>
    public RoundingMode Rounding { get; init; } = RoundingMode.TowardNegative;

    /// <summary>Overflow of every update.</summary>
    public OverflowMode Overflow { get; init; } = OverflowMode.Wrap;

    /// <summary>n of WRAP.</summary>
    public int SaturationBits { get; init; }

    /// <summary>When it is converted to its own format.</summary>
    public AccumulatorUpdate When { get; init; } = AccumulatorUpdate.EveryUpdate;

    /// <summary>Where the bias enters.</summary>
    public BiasPosition Start { get; init; } = BiasPosition.First;
}

/// <summary>
/// How profiles name the ways from accumulator to output (ARITHMETIC.md section 5).
/// </summary>
internal enum RequantizeKind
{
    /// <summary>One conversion between fixed-point formats.</summary>
    Cast,

    /// <summary>A rounding right shift.</summary>
    Shift,

    /// <summary>A 32-bit multiplier and two roundings (gemmlowp).</summary>
    MultiplierDouble,

    /// <summary>A multiplier and one rounding in 64 bits.</summary>
    MultiplierSingle,

    /// <summary>A float32 scale.</summary>
    Real,

    /// <summary>A float32 bias, scale and zero point, then one rounding (oneDNN).</summary>
    RealOnce,
}

/// <summary>
/// Requantization as a profile fixes it; multipliers and shifts belong to the quantized layer.
/// </summary>
internal sealed record RequantizeStage
{
    /// <summary>Which formula.</summary>
    public required RequantizeKind Kind { get; init; }

    /// <summary>
    /// Width of the multiplier, its sign bit counted: 32 for gemmlowp, 16 for a narrow one.
    /// </summary>
    public int MultiplierBits { get; init; } = 32;

    /// <summary>In which order a scale is computed.</summary>
    public ScaleOrder ScaleOrder { get; init; }

    /// <summary>
    /// Rounding of the shift, null for that of the output's own format; of a real scale, null for
    /// ties to even.
    /// </summary>
    public RoundingMode? Rounding { get; init; }
}

/// <summary>Which integers of a network's own a unit multiplies.</summary>
internal enum MacOperands
{
    /// <summary>Of any width.</summary>
    Any,

    /// <summary>
    /// Those that ONNX Runtime multiplies on x64, of 8 bits; others become float32 numbers, and
    /// these are multiplied.
    /// </summary>
    Int8,
}

/// <summary>
/// Everything that the profile says about one layer, nothing optional left but what data decides.
/// </summary>
internal sealed record LayerDatapath
{
    public required ValueFormat Weight { get; init; }

    /// <summary>Bias; null means the accumulator's own format.</summary>
    public RegisterFormat? Bias { get; init; }

    /// <summary>The product format; null leaves products exact.</summary>
    public RegisterFormat? Product { get; init; }

    /// <summary>Products summed before each update; 0 means all.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Order of the reduction.</summary>
    public ReductionOrder Order { get; init; }

    /// <summary>Stride of an interleaved order.</summary>
    public int Interleave { get; init; } = 1;

    /// <summary>Where an input zero point goes.</summary>
    public ZeroPointHandling ZeroPoint { get; init; }

    /// <summary>Which integers are multiplied as such.</summary>
    public MacOperands Operands { get; init; }

    public required AccumulatorFormat Accumulator { get; init; }

    /// <summary>Accumulator to output.</summary>
    public required RequantizeStage Requantize { get; init; }

    /// <summary>The layer's output.</summary>
    public required ValueFormat Output { get; init; }

    /// <summary>Average pooling.</summary>
    public AveragePoolStage AveragePool { get; init; } = new();

    /// <summary>
    /// The table of a sigmoid or tanh layer; null evaluates the function in float64 for every raw
    /// input and rounds it into the output format, as a table with one entry per raw value does.
    /// </summary>
    public TableStage? Table { get; init; }

    /// <summary>Whose arithmetic fills a table with an entry per raw value.</summary>
    public FunctionArithmetic Functions { get; init; }

    /// <summary>A softmax layer's tables and registers; null when the profile has none.</summary>
    public SoftmaxStage? Softmax { get; init; }

    /// <summary>How residual additions bring their inputs to one scale.</summary>
    public ResidualAddKind ResidualAdd { get; init; }

    /// <summary>Whose reading of the corner cases of wrapping.</summary>
    public OverflowDialect Dialect { get; init; }

    /// <summary>
    /// The exact intermediates of the multiply-accumulate unit, as far as formats alone decide
    /// them: <c>lanes: all</c> counts as one product, for depth is the network's.
    /// </summary>
    /// <param name="input">Format of what the layer reads.</param>
    /// <param name="inputPoint">Where its binary point is; null when data decides.</param>
    internal MacChain Chain(ValueFormat input, int? inputPoint)
    {
        ExactRange x = input.Range;
        if (ZeroPoint == ZeroPointHandling.Subtracted && input.Affine)
            x = new(x.Low - x.High, x.High - x.Low);
        int? product = Product?.Format.FractionBits ?? inputPoint + Weight.FractionBits;
        int drops = product - Accumulator.FractionBits ?? 0;
        return new(
            x, Weight.Range, Product is { } register ? ExactRange.Of(register.Format) : null,
            Math.Max(1, Lanes),
            ExactRange.Of(new FixedFormat(Accumulator.Bits, 0, Accumulator.IsSigned)),
            Math.Max(0, drops), Math.Max(0, -drops));
    }
}
