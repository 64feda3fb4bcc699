using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Profiles;

/// <summary>A register with a binary point of its own, and how values come into it.</summary>
/// <param name="Format">Width, binary point and sign.</param>
/// <param name="Rounding">Of every conversion into it.</param>
/// <param name="Overflow">Of the same.</param>
/// <param name="SaturationBits">n of WRAP.</param>
internal sealed record RegisterFormat(
    FixedFormat Format, RoundingMode Rounding, OverflowMode Overflow, int SaturationBits = 0)
{
    /// <summary>A register before any key has said anything.</summary>
    internal static RegisterFormat Blank { get; } =
        new(default, RoundingMode.TowardNegative, OverflowMode.Wrap);

    /// <summary>The conversion into it from raw values with the given fraction bits.</summary>
    public ConversionSpec From(int fractionBits, OverflowDialect dialect) =>
        Dropping(fractionBits - Format.FractionBits, dialect);

    /// <summary>The conversion into it that drops a number of bits, or gains them.</summary>
    public ConversionSpec Dropping(int bits, OverflowDialect dialect) =>
        ConversionSpec.Into(Format, bits, Rounding, Overflow, SaturationBits, dialect);
}

/// <summary>
/// How an input finds its table entry (ARITHMETIC.md section 6). N entries over [low, high).
/// </summary>
internal enum TableIndexRule
{
    /// <summary><c>floor((x - low) * N / (high - low))</c>.</summary>
    Floor,

    /// <summary>
    /// The same, cut toward zero: it differs below the table only, where the index is clamped.
    /// </summary>
    TowardZero,

    /// <summary>The same, rounded to nearest, ties upward.</summary>
    Nearest,

    /// <summary><c>trunc(x * N / (high - low)) + N / 2</c>: bin N/2 is twice as wide.</summary>
    Hls4ml,
}

/// <summary>
/// The table of a function: entry i is the function at <c>low + i * (high - low) / N</c>, computed
/// in float64 and converted; or the user's own values.
/// </summary>
internal sealed record TableStage
{
    /// <summary>Number of entries N, 2..65536.</summary>
    public required int Entries { get; init; }

    /// <summary>Real lower end of the input range.</summary>
    public required double Low { get; init; }

    /// <summary>Real upper end of the input range, above <see cref="Low"/>.</summary>
    public required double High { get; init; }

    /// <summary>How an input finds its entry.</summary>
    public TableIndexRule Index { get; init; }

    /// <summary>Format of the entries; null stores them in the layer's output format.</summary>
    public RegisterFormat? Entry { get; init; }

    /// <summary>
    /// The user's own entries, <see cref="Entries"/> of them; null computes the function.
    /// </summary>
    public ImmutableArray<double>? Values { get; init; }

    /// <summary>Equal when every setting is, the values one by one.</summary>
    public bool Equals(TableStage? other) =>
        other is not null
        && (Entries, Low, High, Index, Entry)
            == (other.Entries, other.Low, other.High, other.Index, other.Entry)
        && Values.HasValue == other.Values.HasValue
        && (Values ?? []).SequenceEqual(other.Values ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Entries, Low, High, Index, Entry);
}

/// <summary>
/// Softmax as hls4ml builds it: a table of exponentials, their sum, a table of reciprocals.
/// </summary>
internal sealed record SoftmaxStage
{
    /// <summary>What addresses the table of exponentials.</summary>
    public required SoftmaxKind Kind { get; init; }

    /// <summary>Entries of each table, a power of two, 2..65536.</summary>
    public required int Entries { get; init; }

    /// <summary>
    /// Largest input less input (<c>inp_norm_t</c>); null but for <see cref="SoftmaxKind.Stable"/>.
    /// </summary>
    public RegisterFormat? Difference { get; init; }

    /// <summary>Entries of the table of exponentials (<c>exp_table_t</c>).</summary>
    public required RegisterFormat Exponential { get; init; }

    /// <summary>The sum (<c>accum_t</c>).</summary>
    public required RegisterFormat Sum { get; init; }

    /// <summary>What addresses the table of reciprocals (<c>inv_inp_t</c>).</summary>
    public required RegisterFormat InverseInput { get; init; }

    /// <summary>Entries of the table of reciprocals (<c>inv_table_t</c>).</summary>
    public required RegisterFormat Inverse { get; init; }
}

/// <summary>Whose arithmetic fills tables that have an entry per raw value.</summary>
internal enum FunctionArithmetic
{
    /// <summary>The function in float64, rounded once into the output.</summary>
    Exact,

    /// <summary>
    /// TensorFlow Lite's kernels, for 8 bits: leaky ReLU, hard swish and magnitudes in fixed point,
    /// sigmoid, tanh, ELU and GELU in float32, ties away from zero.
    /// </summary>
    Litert,

    /// <summary>
    /// The same, but what XNNPACK computes itself: a leaky ReLU by multiples of 1/256, ties of
    /// sigmoid, tanh and ELU to even.
    /// </summary>
    Xnnpack,
}

/// <summary>How residual additions and concatenations bring their inputs to one scale.</summary>
internal enum ResidualAddKind
{
    /// <summary>
    /// <see cref="Align"/> where all scales are powers of two, else <see cref="Multiplier"/>.
    /// </summary>
    Auto,

    /// <summary>
    /// Binary points are aligned, the sum is exact, then converted to the output.
    /// </summary>
    Align,

    /// <summary>
    /// TFLite's ADD: inputs times 2^20 (2^15 where one is wider than 8 bits) and a 32-bit
    /// multiplier each, their sum times another, double rounding.
    /// </summary>
    Multiplier,

    /// <summary>
    /// QNNPACK's: inputs times integers of 22 bits, their sum shifted once, ties away from zero.
    /// </summary>
    Qnnpack,

    /// <summary>
    /// XNNPACK's: inputs times integers of 21 bits, their sum shifted once, ties up; one tensor
    /// alone by a multiple of 1/256.
    /// </summary>
    Xnnpack,

    /// <summary>
    /// ONNX Runtime's QLinearAdd: in float32 by fused multiply-adds, rounded once to even.
    /// </summary>
    Float32,

    /// <summary>
    /// Gemmini's: each input times a float32 scale, rounded to even and saturated, then the sum.
    /// </summary>
    Gemmini,
}
