using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// Points of curves: means over seeds, with the range over them; of one seed, the Wilson interval.
/// </summary>
internal static class AccuracyPoint
{
    /// <summary>The point of one target under one attack with one budget.</summary>
    /// <param name="data">The report's data.</param>
    /// <param name="x">Where it is.</param>
    /// <param name="seeds">A cell per seed, one at least.</param>
    public static CurvePoint Of(ReportData data, double x, IReadOnlyList<AccuracyCell> seeds)
    {
        AccuracyCell first = seeds[0];
        string what = $"{first.Target} at {(first.Threat is null ? "clean" : first.Epsilon)}";
        if (!data.HasSeeds)
            return new(
                x, first.Accuracy, first.Low95, first.High95,
                $"{what}: {Words.Percent(first.Correct, first.Images)}, 95 % interval "
                    + $"{Words.Percent(first.Low95)} to {Words.Percent(first.High95)}");
        Spread spread = Spread.Of([.. seeds.Select(c => c.Accuracy)]);
        return new(
            x, spread.Mean, spread.Lowest, spread.Highest,
            $"{what}: {Words.Percent(spread.Mean)} %, {Words.Percent(spread.Lowest)} to "
                + $"{Words.Percent(spread.Highest)} over {Words.Plural(spread.Count, "seed")}");
    }
}
