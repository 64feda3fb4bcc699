namespace QSim.Runner.Tests.Search;

/// <summary>
/// The volume that a front dominates, up to a reference point: the larger, the better the front.
/// </summary>
internal static class Hypervolume
{
    /// <summary>
    /// The exact volume: the sum over points of what each dominates and those behind it do not
    /// (L. While, L. Bradstreet, L. Barone, IEEE Transactions on Evolutionary Computation 16,
    /// 2012).
    /// </summary>
    /// <param name="points">Less is better; those beyond the reference count for nothing.</param>
    /// <param name="reference">As long as each point.</param>
    public static double Of(
        IEnumerable<IReadOnlyList<double>> points, IReadOnlyList<double> reference) =>
        Sum(Undominated([.. points.Where(p => p.Zip(reference).All(x => x.First < x.Second))]),
            reference);

    private static double Sum(
        List<IReadOnlyList<double>> front, IReadOnlyList<double> reference)
    {
        double sum = 0;
        for (int i = 0; i < front.Count; i++)
        {
            IReadOnlyList<double> point = front[i];
            double own = 1;
            for (int o = 0; o < reference.Count; o++) own *= reference[o] - point[o];
            // What the points behind it dominate of its box is that of their corners in it.
            var corners = front.Skip(i + 1).Select(other =>
                (IReadOnlyList<double>)[.. other.Zip(point, Math.Max)]);
            sum += own - Sum(Undominated([.. corners]), reference);
        }

        return sum;
    }

    private static List<IReadOnlyList<double>> Undominated(List<IReadOnlyList<double>> points)
    {
        var kept = new List<IReadOnlyList<double>>();
        foreach (IReadOnlyList<double> point in points)
        {
            if (kept.Any(k => IsAtMost(k, point))) continue;
            kept.RemoveAll(k => IsAtMost(point, k));
            kept.Add(point);
        }

        return kept;
    }

    private static bool IsAtMost(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        for (int i = 0; i < one.Count; i++)
            if (one[i] > other[i]) return false;
        return true;
    }
}
