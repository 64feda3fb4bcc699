using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Ranges;

/// <summary>What the accumulator of one output channel would hold if it had no limits.</summary>
/// <param name="Sums">
/// Per update, in the order of the reduction, the interval of the value before it is fitted, in
/// accumulator steps: its ends are reached by some input, unless <paramref name="IsBound"/>.
/// </param>
/// <param name="RequiredBits">
/// Width of the narrowest accumulator that no update leaves, never less than 1; means nothing where
/// it <see cref="LacksSign"/>.
/// </param>
/// <param name="L1Bits">
/// The width that the L1 norm of the weights guarantees without looking at signs or order (A2Q,
/// Colbert et al., ICCV 2023): the smallest P with <c>||w||_1 * 2^(N - signed) &lt;= 2^(P-1) -
/// 1</c>, for inputs of N bits.
/// </param>
/// <param name="FirstOverflow">
/// Index of the first update that can leave the accumulator; -1 when none can.
/// </param>
/// <param name="IsBound">
/// True when intervals are bounds that need not be reached: products wrap or saturate to zero,
/// something rounds stochastically, or every window takes in padding.
/// </param>
internal sealed record ChannelRange(
    IReadOnlyList<ExactRange> Sums, int RequiredBits, int L1Bits, int FirstOverflow, bool IsBound)
{
    /// <summary>Everything that the accumulator would hold over all updates.</summary>
    public ExactRange Total =>
        new(
            Sums.Select(s => s.Low).Aggregate(BigInteger.Min),
            Sums.Select(s => s.High).Aggregate(BigInteger.Max));

    /// <summary>Whether it is unsigned and some sum is below 0: no width holds that.</summary>
    public bool LacksSign { get; init; }

    /// <summary>
    /// Width of the narrowest accumulator that no channel leaves; null where none is wide enough,
    /// because a sum of an unsigned one is below 0.
    /// </summary>
    public static int? RequiredBitsOf(IReadOnlyList<ChannelRange> channels) =>
        channels.Any(c => c.LacksSign) ? null : channels.Max(c => c.RequiredBits);

    /// <summary>
    /// True when some input can make it overflow (or, where the range is a bound, might).
    /// </summary>
    public bool CanOverflow => FirstOverflow >= 0;
}
