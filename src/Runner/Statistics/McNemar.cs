using MathNet.Numerics.Distributions;

namespace QSim.Runner.Statistics;

/// <summary>Two classifiers on the same images: how many only one of them gets right.</summary>
/// <param name="OnlyFirst">Images that only the first gets right.</param>
/// <param name="OnlySecond">Images that only the second gets right.</param>
internal readonly record struct McNemar(int OnlyFirst, int OnlySecond)
{
    /// <summary>
    /// The exact two-sided p-value of the hypothesis that both are equally good: given that one of
    /// the two is wrong, it is a toss of a coin which, so <c>p = min(1, 2 P(B &lt;= min(b, c)))</c>
    /// with B binomial of b + c trials (Q. McNemar, Psychometrika 12, 1947; exact form).
    /// </summary>
    public double ExactP()
    {
        int disagreements = OnlyFirst + OnlySecond;
        return disagreements == 0
            ? 1
            : Math.Min(1, 2 * Binomial.CDF(0.5, disagreements, Math.Min(OnlyFirst, OnlySecond)));
    }

    /// <summary>Counts from outcomes, one character per image: 1 for right.</summary>
    /// <exception cref="ArgumentException">They are not of the same images.</exception>
    public static McNemar Of(string first, string second)
    {
        if (first.Length != second.Length)
            throw new ArgumentException("outcomes of different images");
        int onlyFirst = 0;
        int onlySecond = 0;
        for (int i = 0; i < first.Length; i++)
        {
            if (first[i] == second[i]) continue;
            if (first[i] == '1') onlyFirst++;
            else onlySecond++;
        }

        return new(onlyFirst, onlySecond);
    }
}
