namespace QSim.Runner.Statistics;

/// <summary>Where one accuracy curve crosses another.</summary>
internal static class Crossover
{
    /// <summary>
    /// The smallest epsilon at which the sign of <c>curve - reference</c> changes, both
    /// interpolated linearly between grid points; null where it never does. A difference of 0 has
    /// no sign: curves that touch do not cross, and a stretch of equality between two signs counts
    /// at its first point.
    /// </summary>
    /// <param name="epsilons">Ascending.</param>
    /// <param name="curve">One accuracy per epsilon.</param>
    /// <param name="reference">One accuracy per epsilon.</param>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static double? Find(
        IReadOnlyList<double> epsilons, IReadOnlyList<double> curve,
        IReadOnlyList<double> reference)
    {
        if (curve.Count != epsilons.Count || reference.Count != epsilons.Count)
            throw new ArgumentException("one accuracy per epsilon is needed");
        int signed = -1;
        for (int i = 0; i < epsilons.Count; i++)
        {
            double difference = curve[i] - reference[i];
            if (difference == 0)
                continue;
            if (signed >= 0
                && Math.Sign(curve[signed] - reference[signed]) != Math.Sign(difference))
                return Between(epsilons, curve, reference, signed);
            signed = i;
        }

        return null;
    }

    /// <summary>
    /// The difference's zero in the step after point i, the last with the old sign.
    /// </summary>
    private static double Between(
        IReadOnlyList<double> epsilons, IReadOnlyList<double> curve,
        IReadOnlyList<double> reference, int i)
    {
        double before = curve[i] - reference[i], after = curve[i + 1] - reference[i + 1];
        return epsilons[i] + ((epsilons[i + 1] - epsilons[i]) * before / (before - after));
    }
}
