using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Which entry of a table an input raw value addresses:
/// <c>Round(((raw - Origin) * Numerator + Addend) / Denominator) + Offset</c>, clamped to the
/// table.
/// </summary>
/// <remarks>
/// With N entries over the real range [low, high) and inputs of the real step d, N * d / (high -
/// low) is Numerator / Denominator. Rules <c>floor</c> and <c>nearest</c> put -low into the addend,
/// rounding TowardNegative and NearestTiesTowardPositive; hls4ml's rule has no addend, rounds
/// TowardZero and adds N / 2 afterwards. A table with one entry per raw value has all ones and
/// zeros and an offset of -MinRaw.
/// </remarks>
/// <param name="Origin">The input's zero point.</param>
/// <param name="Numerator">Of the ratio of an input step to a table step.</param>
/// <param name="Addend">In units of 1 / Denominator entries, before rounding.</param>
/// <param name="Denominator">1..2^31.</param>
/// <param name="Rounding">Any mode but stochastic.</param>
/// <param name="Offset">In entries, after rounding.</param>
internal readonly record struct TableIndex(
    int Origin, long Numerator, long Addend, long Denominator, RoundingMode Rounding, long Offset)
{
    /// <summary>The index that a raw value addresses in a table of the given length.</summary>
    public int Of(long raw, int length)
    {
        long ratio = ((raw - Origin) * Numerator) + Addend;
        long index = Arithmetic.Rounding.Divide(ratio, Denominator, Rounding) + Offset;
        return index < 0 ? 0 : index >= length ? length - 1 : (int)index;
    }
}

/// <summary>A function by table, value by value (ARITHMETIC.md section 6).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output; the input's shape.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Index">From raw input to entry.</param>
/// <param name="Table">Raw entries in the table's own format.</param>
/// <param name="Conversion">From the table's format to the output's.</param>
internal sealed record LookupLayer(
    string Name,
    ImmutableArray<int> Inputs,
    TensorType Output,
    TensorType Input,
    TableIndex Index,
    ImmutableArray<int> Table,
    ConversionSpec Conversion) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => Conversion.DrawsRandomBits;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => Conversion.Rounding;

    /// <inheritdoc/>
    internal override ImmutableArray<LayerTable> Tables =>
        [new("table", Table, (l, t) => (LookupLayer)l with { Table = t })];

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        ReadsOther(Input, inputs)
        ?? (
            Input.Shape != Output.Shape ? "a table keeps the shape"
            : Table.IsDefaultOrEmpty ? "the table is empty"
            : Index.Denominator is < 1 or > 1L << 31 ? "the index's denominator must be 1..2^31"
            : Index.Rounding == RoundingMode.Stochastic ? "an index cannot be rounded at random"
            : SpecChecks.WhyNot("output", Conversion, Output)
        );

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs)
    {
        ExactRange ratio =
            ((ExactRange.Of(Input) + -Index.Origin) * Index.Numerator) + Index.Addend;
        return [new("the table index", (ratio + Index.Offset).Bits)];
    }

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => RawRange.Of(Output);
}
