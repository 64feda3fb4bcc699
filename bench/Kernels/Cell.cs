namespace QSim.Kernels.Bench;

/// <summary>One network with one arithmetic, as measured.</summary>
/// <param name="Network">The network.</param>
/// <param name="Arithmetic">The arithmetic.</param>
/// <param name="LeastDepth">The smallest number of products per output in any layer.</param>
/// <param name="Macs">Multiply-accumulates per image.</param>
/// <param name="Seconds">Per image, one thread.</param>
/// <param name="TwoThreads">Per image, two threads.</param>
/// <param name="Events">Per image, one thread, counting events.</param>
/// <param name="Reference">Per image, by the reference backend.</param>
/// <param name="Rate">Multiply-adds per second of one core beside it.</param>
/// <param name="Overflowed">Share of accumulators that overflowed at some step.</param>
/// <param name="Allocated">Bytes that a run allocates beyond its outputs.</param>
internal sealed record Cell(
    string Network, string Arithmetic, int LeastDepth, long Macs, double Seconds, double TwoThreads,
    double Events, double Reference, double Rate, double Overflowed, long Allocated)
{
    public const string Header =
        "| network | arithmetic | MACs/image | us/image, 1 thread | of the rate | time / exact32 | "
            + "2 threads | counting events | x reference | overflowed | bytes/run "
            + "|\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

    /// <summary>The exact path of the same network, for the ratio.</summary>
    public Cell? Exact { get; init; }

    public double OfRate => Macs / Seconds / Rate;

    public double OfExact => Seconds / (Exact ?? this).Seconds;

    public double Speedup => Seconds / TwoThreads;

    /// <summary>What counting events costs: the time with it over the time without.</summary>
    public double OfCounting => Events / Seconds;

    public double OfReference => Reference / Seconds;

    public override string ToString() =>
        $"| {Network} | {Arithmetic} | {Macs} | {Seconds * 1e6:F2} | {OfRate:P0} | {OfExact:F2} " +
        $"| {Speedup:F2} | {OfCounting:F2} | {OfReference:F0} | {Overflowed:P2} | {Allocated} |";
}
