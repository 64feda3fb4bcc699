namespace QSim.Runner.Reports.Charts;

/// <summary>Maps values to places between two ends.</summary>
/// <param name="Most">The largest value.</param>
/// <param name="From">Place of the least.</param>
/// <param name="To">Place of the largest.</param>
internal readonly record struct Axis(double Most, double From, double To)
{
    /// <summary>The least value.</summary>
    public double Least { get; init; }

    /// <summary>The place of a value.</summary>
    public double this[double value] =>
        From + ((To - From) * Math.Clamp((value - Least) / (Most - Least), 0, 1));

    /// <summary>An axis from 0 to a value.</summary>
    public static Axis Of(double most, double from, double to) =>
        new(most > 0 ? most : 1, from, to);

    /// <summary>Round values to mark, 0 among them: at most six. Of an axis from 0.</summary>
    public IEnumerable<double> Ticks()
    {
        double raw = Most / 5, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 5 => 5,
            _ => 10,
        };
        for (int i = 0; i * step <= Most * (1 + 1e-9); i++) yield return i * step;
    }
}
