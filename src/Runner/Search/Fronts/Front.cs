namespace QSim.Runner.Search.Fronts;

/// <summary>
/// What a design comes to: less is better everywhere, accuracies are counted as losses.
/// </summary>
/// <param name="Objectives">One number per objective.</param>
/// <param name="Violation">By how much constraints are missed, summed up; 0 for not at all.</param>
internal sealed record Score(IReadOnlyList<double> Objectives, double Violation)
{
    /// <summary>The score of what cannot be built at all.</summary>
    public static Score Impossible { get; } = new([], double.PositiveInfinity);

    /// <summary>
    /// Whether this is better: it misses constraints by less, or, where neither misses any, is
    /// worse in no objective and better in one (K. Deb et al., IEEE Transactions on Evolutionary
    /// Computation 6, 2002).
    /// </summary>
    public bool Dominates(Score other)
    {
        if (Violation > 0 || other.Violation > 0) return Violation < other.Violation;
        bool isBetter = false;
        for (int i = 0; i < Objectives.Count; i++)
        {
            if (Objectives[i] > other.Objectives[i]) return false;
            isBetter |= Objectives[i] < other.Objectives[i];
        }

        return isBetter;
    }
}

/// <summary>Sorting by domination.</summary>
internal static class Front
{
    /// <summary>
    /// The rank of each score: 0 for those that none dominates, 1 for those that only these
    /// dominate, and so on.
    /// </summary>
    public static int[] Ranks(IReadOnlyList<Score> scores)
    {
        int[] ranks = new int[scores.Count], above = new int[scores.Count];
        List<int>[] below = [.. scores.Select(_ => new List<int>())];
        for (int i = 0; i < scores.Count; i++)
            for (int j = 0; j < scores.Count; j++)
            {
                if (!scores[i].Dominates(scores[j])) continue;
                below[i].Add(j);
                above[j]++;
            }

        int[] front = [.. Enumerable.Range(0, scores.Count).Where(i => above[i] == 0)];
        for (int rank = 0; front.Length > 0; rank++)
        {
            foreach (int i in front) ranks[i] = rank;
            front = [.. front.SelectMany(i => below[i]).Where(j => --above[j] == 0)];
        }

        return ranks;
    }

    /// <summary>Indices of those that no other dominates and that miss no constraint.</summary>
    public static int[] Of(IReadOnlyList<Score> scores) =>
    [
        .. Enumerable.Range(0, scores.Count).Where(i =>
            scores[i].Violation == 0 && !scores.Any(s => s.Dominates(scores[i]))),
    ];

    /// <summary>
    /// How far each score's neighbours are apart, summed over objectives, each relative to its
    /// range; infinite at the ends (crowding distance, K. Deb et al. 2002).
    /// </summary>
    public static double[] Crowding(IReadOnlyList<Score> scores)
    {
        double[] distances = new double[scores.Count];
        int objectives = scores.Count == 0 ? 0 : scores.Min(s => s.Objectives.Count);
        for (int o = 0; o < objectives; o++)
        {
            int[] order =
                [.. Enumerable.Range(0, scores.Count).OrderBy(i => scores[i].Objectives[o])];
            double range = At(order[^1]) - At(order[0]);
            distances[order[0]] = distances[order[^1]] = double.PositiveInfinity;
            for (int i = 1; i < order.Length - 1 && range > 0; i++)
                distances[order[i]] += (At(order[i + 1]) - At(order[i - 1])) / range;

            double At(int i) => scores[i].Objectives[o];
        }

        return distances;
    }
}
