namespace QSim.Runner.Statistics;

/// <summary>By how much one classifier is better than another on the same images.</summary>
/// <param name="OnlyFirst">Images that only the first gets right.</param>
/// <param name="OnlySecond">Images that only the second gets right.</param>
/// <param name="Images">All images, one at least.</param>
internal readonly record struct PairedDifference(int OnlyFirst, int OnlySecond, int Images)
{
    /// <summary>Halvings of an interval of length 2: past the resolution of a double.</summary>
    private const int Halvings = 60;

    /// <summary>Accuracy of the first less that of the second.</summary>
    public double Value => (double)(OnlyFirst - OnlySecond) / Images;

    /// <summary>From outcomes, one character per image: 1 for right.</summary>
    /// <exception cref="ArgumentException">They are not of the same images.</exception>
    public static PairedDifference Of(string first, string second)
    {
        McNemar counts = McNemar.Of(first, second);
        return new(counts.OnlyFirst, counts.OnlySecond, first.Length);
    }

    /// <summary>
    /// Tango's score statistic, standard normal where the difference is in truth
    /// <paramref name="delta"/>: <c>(b - c - n d) / sqrt(n (2 q + d (1 - d)))</c> with q the most
    /// likely share of images that only the second gets right (T. Tango, Statistics in Medicine 17,
    /// 1998). At 0 its square is McNemar's statistic.
    /// </summary>
    /// <param name="delta">Between -1 and 1.</param>
    public double Score(double delta)
    {
        double n = Images, b = OnlyFirst, c = OnlySecond;
        double linear = -b - c + (((2 * n) - b + c) * delta);
        double constant = -c * delta * (1 - delta);
        double root = Math.Sqrt(Math.Max(0, (linear * linear) - (8 * n * constant)));
        double share = (root - linear) / (4 * n);
        double variance = n * ((2 * share) + (delta * (1 - delta)));
        double distance = b - c - (n * delta);
        if (distance == 0) return 0;
        return variance > 0
            ? distance / Math.Sqrt(variance)
            : distance > 0 ? double.PositiveInfinity : double.NegativeInfinity;
    }

    /// <summary>Differences whose score is within <paramref name="z"/> of 0.</summary>
    /// <param name="z">1.96 for 95 %.</param>
    public Interval Within(double z)
    {
        PairedDifference self = this;
        return new(
            Boundary(-1, Value, d => self.Score(d) > z),
            Boundary(Value, 1, d => self.Score(d) >= -z));
    }

    /// <summary>Where something that holds below ceases to.</summary>
    private static double Boundary(double low, double high, Func<double, bool> holds)
    {
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (holds(middle)) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}
