namespace QSim.Runner.Statistics;

/// <summary>Several measurements of the same thing.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Lowest">The least.</param>
/// <param name="Highest">The largest.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Spread(double Mean, double Lowest, double Highest, int Count)
{
    /// <summary>Of at least one measurement.</summary>
    public static Spread Of(IReadOnlyCollection<double> values) =>
        new(values.Average(), values.Min(), values.Max(), values.Count);
}
