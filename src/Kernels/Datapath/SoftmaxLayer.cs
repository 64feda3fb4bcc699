using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>What addresses the table of exponentials.</summary>
public enum SoftmaxKind
{
    /// <summary>The input itself; the table holds exp(x).</summary>
    Latency,

    /// <summary>
    /// The largest input less the input, which is never negative; the table holds exp(-x).
    /// </summary>
    Stable,
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
public sealed record SoftmaxLayer(
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

    /// <summary>Width of what addresses the table of exponentials.</summary>
    public int AddressBits => Kind == SoftmaxKind.Stable ? Difference.Bits : Input.Bits;

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => Kind == SoftmaxKind.Latency
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
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? (Input.Shape != Output.Shape ? "softmax keeps the shape" : null)
        ?? (
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
