namespace QSim.Runner.Statistics;

/// <summary>
/// From which of several designs on, the narrowest first, accuracy stays within a margin of a
/// reference; as indices.
/// </summary>
/// <param name="Measured">
/// The first from which on every measured loss is within the margin; null for none.
/// </param>
/// <param name="Low">
/// The first that is not shown to lose more than the margin, by tests from the narrowest on; null
/// where every one is.
/// </param>
/// <param name="High">
/// The first from which on each is shown to be within the margin, by tests from the widest down;
/// null where not even the widest is.
/// </param>
internal readonly record struct SmallestWithin(int? Measured, int? Low, int? High)
{
    /// <summary>
    /// Looks for it. Each walk ends at its first test that fails, so that none of its tests needs a
    /// correction for the others (fixed sequence: W. Maurer, L. Hothorn, W. Lehmacher, 1995).
    /// </summary>
    /// <param name="losses">
    /// Accuracy of the reference less that of each; null for the reference itself.
    /// </param>
    /// <param name="margin">The margin, 0.01 for a point.</param>
    /// <param name="z">Of one side of a test: 1.96 for 2.5 %.</param>
    public static SmallestWithin Of(
        IReadOnlyList<PairedDifference?> losses, double margin, double z)
    {
        const double Rounding = 1e-12;
        int measured = losses.Count, high = losses.Count, low = 0;
        while (measured > 0 && (losses[measured - 1]?.Value ?? 0) <= margin + Rounding) measured--;
        while (high > 0 && IsShown(losses[high - 1])) high--;
        while (low < losses.Count && losses[low]?.Score(margin) >= z) low++;
        return new(Index(measured), Index(low), Index(high));

        bool IsShown(PairedDifference? loss) => loss is null || loss.Value.Score(margin) <= -z;

        int? Index(int i) => i < losses.Count ? i : null;
    }
}
