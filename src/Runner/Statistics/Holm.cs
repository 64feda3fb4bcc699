namespace QSim.Runner.Statistics;

/// <summary>Correction for making several comparisons.</summary>
internal static class Holm
{
    /// <summary>
    /// Adjusted p-values, in the order given: of m sorted ones the i-th (from 0) times <c>m -
    /// i</c>, no smaller than the one before it, at most 1. The chance of one or more false alarms
    /// among all stays below the level (S. Holm, Scandinavian Journal of Statistics 6, 1979).
    /// </summary>
    public static double[] Adjust(IReadOnlyList<double> p)
    {
        int[] order = [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
        double[] adjusted = new double[p.Count];
        double least = 0;
        for (int rank = 0; rank < order.Length; rank++)
        {
            least = Math.Max(least, Math.Min(1, (p.Count - rank) * p[order[rank]]));
            adjusted[order[rank]] = least;
        }

        return adjusted;
    }
}
