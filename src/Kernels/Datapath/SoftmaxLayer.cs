using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>What addresses the table of exponentials.</summary>
internal enum SoftmaxKind
{
    /// <summary>The input itself; the table holds exp(x).</summary>
    Latency,

    /// <summary>
    /// The largest input less the input, which is never negative; the table holds exp(-x).
    /// </summary>
    Stable,

    /// <summary>
    /// The same, an entry for every difference; the sum is exact, and each share is
    /// <c>floor((e * Factor + floor(sum / 2)) / sum)</c>: QNNPACK (u8lut32norm).
    /// </summary>
    Division,

    /// <summary>
    /// The same with float32 entries, sum and division, rounded to even: ONNX Runtime.
    /// </summary>
    Float32,

    /// <summary>
    /// The same with entries of 31 fraction bits and the reciprocal of a sum of 12 integer bits:
    /// gemmlowp's, in TensorFlow Lite's reference kernels and CMSIS-NN.
    /// </summary>
    Gemmlowp,

    /// <summary>
    /// As <see cref="Float32"/>, but times the float32 reciprocal of the sum, ties away from zero:
    /// TensorFlow Lite's optimized kernels (LiteRT).
    /// </summary>
    Litert,
}

/// <summary>
/// Softmax over the channels of each position, as hls4ml builds it (nnet_activation.h,
/// softmax_latency and softmax_stable): <c>e_i = Convert(ExpTable[top bits of x_i])</c>, their sum
/// by a balanced tree whose every node is converted, <c>inverse = InverseTable[top bits of
/// Convert(sum)]</c>, <c>output_i = Convert(e_i * inverse)</c>.
/// </summary>
/// <remarks>
/// A table of 2^N entries is addressed by the top N bits of the raw value's two's complement
/// pattern. The tree over n values splits off the largest power of two below n on the left.
/// </remarks>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output; the input's shape.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Kind">What addresses the table of exponentials.</param>
/// <param name="ExpTable">Raw exponentials in the table's format; 2^N of them.</param>
/// <param name="InverseTable">Raw reciprocals in the table's format; 2^N of them.</param>
internal sealed record SoftmaxLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    SoftmaxKind Kind,
    ImmutableArray<int> ExpTable,
    ImmutableArray<int> InverseTable) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>
    /// Largest input less input, into inp_norm_t; unused by <see cref="SoftmaxKind.Latency"/>.
    /// </summary>
    public ConversionSpec Difference { get; init; }

    /// <summary>Table entry into the sum's format (exp_table_t to accum_t).</summary>
    public required ConversionSpec Exponential { get; init; }

    /// <summary>Sum of two values of the sum's format, back into it (accum_t).</summary>
    public required ConversionSpec Sum { get; init; }

    /// <summary>
    /// The sum into the format that addresses the table of reciprocals (accum_t to inv_inp_t).
    /// </summary>
    public required ConversionSpec InverseInput { get; init; }

    /// <summary>Exponential times reciprocal, exact, into the output's format.</summary>
    public required ConversionSpec Product { get; init; }

    /// <summary>What the kinds that divide make of the whole, in steps of the output.</summary>
    public long Factor { get; init; }

    /// <summary>Whether shares are quotients; the tables' registers are not used then.</summary>
    public bool Divides => Kind > SoftmaxKind.Stable;

    /// <summary>Width of what addresses the table of exponentials.</summary>
    public int AddressBits => Kind == SoftmaxKind.Stable ? Difference.Bits : Input.Bits;

    // Sums of as many entries of 31 bits fit in 62.
    private const int MostChannels = 1 << 16;

    // Its sum has 12 integer bits.
    private const int MostGemmlowp = (1 << 12) - 1;

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages =>
        Divides ? [EventStage.Output]
        : Kind == SoftmaxKind.Latency
        ? [EventStage.Accumulator, EventStage.Output, EventStage.Exponential, EventStage.Inverse]
        :
        [
            EventStage.Accumulator, EventStage.Output, EventStage.Difference,
            EventStage.Exponential, EventStage.Inverse,
        ];

    /// <inheritdoc/>
    public override bool IsStochastic =>
        (Kind == SoftmaxKind.Stable && Difference.DrawsRandomBits)
        || Exponential.DrawsRandomBits
        || Sum.DrawsRandomBits
        || InverseInput.DrawsRandomBits
        || Product.DrawsRandomBits;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Product.Rounding;

    /// <inheritdoc/>
    internal override ImmutableArray<LayerTable> Tables =>
    [
        new("exponentials", ExpTable, (l, t) => (SoftmaxLayer)l with { ExpTable = t }),
        new("reciprocals", InverseTable, (l, t) => (SoftmaxLayer)l with { InverseTable = t }),
    ];

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? (Input.Shape != Output.Shape ? "softmax keeps the shape" : null)
        ?? (Divides ? WhyNotDivision() : WhyNotTables());

    private string? WhyNotDivision() =>
        Input.Bits > 16 || ExpTable.Length < 1 << Input.Bits
            ? $"{ExpTable.Length} exponentials for differences of {Input.Bits} bits"
        : ExpTable.Any(e => e < 0) ? "an exponential is negative"
        : Factor is < 1 or > int.MaxValue ? "the whole is 1..2^31 - 1 steps"
        : Input.Shape.Channels > (Kind == SoftmaxKind.Gemmlowp ? MostGemmlowp : MostChannels)
            ? $"{Input.Shape.Channels} channels are too many for the sum"
        : SpecChecks.WhyNot("output", Product, Output);

    private string? WhyNotTables() =>
        (
            Kind == SoftmaxKind.Stable ? SpecChecks.WhyNot("difference", Difference) : null
        )
        ?? SpecChecks.WhyNot("exponential", Exponential)
        ?? SpecChecks.WhyNot("sum", Sum)
        ?? SpecChecks.WhyNot("inverse", InverseInput)
        ?? SpecChecks.WhyNot("output", Product, Output)
        ?? WhyNotTable("exponentials", ExpTable.Length, AddressBits)
        ?? WhyNotTable("reciprocals", InverseTable.Length, InverseInput.Bits);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        if (Divides) return [];
        ExactRange exponential = ExactRange.Of(Exponential);
        ExactRange node = ExactRange.Of(Sum).Or(exponential);
        return
        [
            new("the sum of two exponentials", (node + node).Bits),
            new(
                "exponential times reciprocal",
                (exponential * ExactRange.Of(new FixedFormat(32, 0, true))).Bits),
        ];
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => RawRange.Of(Output);

    /// <summary>The entry that the top bits of a raw value of the given width address.</summary>
    public static int TopBits(long raw, int bits, int tableLength) =>
        TopAddressBits(raw, bits, System.Numerics.BitOperations.Log2((uint)tableLength));

    /// <summary>The same for a table of 2^addressBits entries. Kernels call this.</summary>
    public static int TopAddressBits(long raw, int bits, int addressBits) =>
        (int)((ulong)raw << (64 - bits) >> (64 - bits) >> (bits - addressBits));

    private static string? WhyNotTable(string what, int length, int addressBits) =>
        length < 1 || !int.IsPow2(length) ? $"{length} {what}: their number must be a power of two"
        : int.Log2(length) > addressBits
            ? $"{length} {what} cannot be addressed by {addressBits} bits"
        : null;
}
