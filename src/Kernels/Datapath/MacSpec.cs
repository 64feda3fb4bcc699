using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>The order in which one output's products reach its accumulator.</summary>
internal enum ReductionOrder
{
    /// <summary>Kernel row, kernel column, channel (channel innermost).</summary>
    ChannelLast,

    /// <summary>
    /// Channel, kernel row, kernel column: the order in which weights are stored.
    /// </summary>
    ChannelFirst,

    /// <summary>
    /// Stride <c>Interleave</c> through channel-last order: 0, r, 2r, ..., 1, r+1, ...
    /// </summary>
    Interleave,
}

/// <summary>When the accumulator is converted to its own format.</summary>
internal enum AccumulatorUpdate
{
    /// <summary>After every group of lanes: a real register.</summary>
    EveryUpdate,

    /// <summary>Once, after an exact sum of everything.</summary>
    End,
}

/// <summary>Where the bias enters.</summary>
internal enum BiasPosition
{
    /// <summary>The accumulator starts from it.</summary>
    First,

    /// <summary>The accumulator starts from zero; the bias is one more update at the end.</summary>
    Last,
}

/// <summary>Whether products pass through a register of their own.</summary>
internal enum ProductStage
{
    /// <summary>Products are exact.</summary>
    Exact,

    /// <summary>Products are converted to the product format.</summary>
    Converted,
}

/// <summary>
/// One multiply-accumulate unit, everything decided (ARITHMETIC.md section 4). With x' = x -
/// InputOffset: <c>p = x'*w</c>, converted when <see cref="ProductStage"/> says so; <c>partial</c>
/// = the exact sum of <see cref="Lanes"/> products; <c>acc = Convert((acc &lt;&lt;
/// AccumulatorAlign) + (partial &lt;&lt; PartialAlign))</c>.
/// </summary>
internal readonly record struct MacSpec
{
    /// <summary>Whether products are converted.</summary>
    public required ProductStage ProductStage { get; init; }

    /// <summary>Exact product to product format; unused when products are exact.</summary>
    public ConversionSpec Product { get; init; }

    /// <summary>Left shift that brings the accumulator to the common binary point.</summary>
    public required int AccumulatorAlign { get; init; }

    /// <summary>Left shift that brings a partial sum to the common binary point.</summary>
    public required int PartialAlign { get; init; }

    /// <summary>From the common binary point into the accumulator format.</summary>
    public required ConversionSpec Update { get; init; }

    /// <summary>Products summed exactly before each update; 0 means all of them.</summary>
    public required int Lanes { get; init; }

    /// <summary>Order of the reduction.</summary>
    public required ReductionOrder Order { get; init; }

    /// <summary>The stride of <see cref="ReductionOrder.Interleave"/>; 1 otherwise.</summary>
    public required int Interleave { get; init; }

    /// <summary>When conversion into the accumulator format happens.</summary>
    public required AccumulatorUpdate When { get; init; }

    /// <summary>Where the bias enters.</summary>
    public required BiasPosition Bias { get; init; }

    /// <summary>
    /// Subtracted from every input before it is multiplied; 0 when the zero point is folded.
    /// </summary>
    public required int InputOffset { get; init; }
}
