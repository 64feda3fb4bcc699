namespace QSim.Runner.Statistics;

/// <summary>So many successes in so many trials.</summary>
/// <param name="Successes">0 to <paramref name="Trials"/>.</param>
/// <param name="Trials">At least 1.</param>
internal readonly record struct Proportion(int Successes, int Trials)
{
    /// <summary>The 97.5 % point of the standard normal distribution.</summary>
    private const double Z95 = 1.959963984540054;

    /// <summary>Successes / trials.</summary>
    public double Value => (double)Successes / Trials;

    /// <summary>
    /// The 95 % Wilson score interval: <c>(p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 +
    /// z^2/n)</c> (E. B. Wilson, JASA 22, 1927).
    /// </summary>
    public Interval Wilson95()
    {
        double n = Trials, p = Value, z2 = Z95 * Z95;
        double centre = p + (z2 / (2 * n));
        double half = Z95 * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n * n)));
        double scale = 1 + (z2 / n);
        // The formula gives 0 and 1 exactly at the ends; floating point may miss them by a hair.
        return new(
            Successes == 0 ? 0 : (centre - half) / scale,
            Successes == Trials ? 1 : (centre + half) / scale);
    }
}

/// <summary>A range of plausible values.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct Interval(double Low, double High);
