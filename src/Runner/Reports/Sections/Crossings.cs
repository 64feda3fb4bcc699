using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>What crossings of a profile's curve with the float network's are worth.</summary>
/// <param name="data">The report's data.</param>
internal sealed class Crossings(ReportData data)
{
    private readonly IReadOnlyList<Finding> _findings = Finding.Of(data.Results);

    /// <summary>
    /// Whether the study compares profiles with the float network image by image.
    /// </summary>
    private bool AreTested => _findings.Any(f => f.First == AccuracyCell.FloatTarget);

    /// <summary>
    /// Whether a crossing is more than noise: below it the profile is clearly better than float at
    /// some budget and above it clearly worse, or the other way round. Null where this was not
    /// tested.
    /// </summary>
    public bool? IsClear(CrossoverPoint point)
    {
        if (point.Epsilon is not { } at || !AreTested || point.Attack != data.DecidingAttack)
            return null;
        (double Epsilon, int Sign)[] signs =
        [
            .. from f in _findings
               where f.First == AccuracyCell.FloatTarget && f.Second == point.Profile
               where f.Threat is null || f.Threat == point.Threat
               from c in f.Better.Concat(f.Worse)
               select (Epsilon.Parse(c.Epsilon).Value, Math.Sign(c.OnlySecond - c.OnlyFirst)),
        ];
        return signs
            .Where(s => s.Epsilon <= at)
            .Any(b => signs.Any(a => a.Epsilon >= at && a.Sign == -b.Sign));
    }

    /// <summary>A crossing in words.</summary>
    public string Sentence(CrossoverPoint point) =>
        $"{point.Profile} crosses float at {Words.Epsilon(point.Epsilon!.Value)} (95 % interval "
            + $"{Interval(point)}; {Words.Percent(point.WithCrossing)} % of bootstrap samples "
            + "cross)"
        + IsClear(point) switch
        {
            true => ": one is clearly better below it, the other clearly better above it.",
            false =>
                ": within noise, as there is no clear difference on one side of it and its "
                    + "opposite on the other.",
            null =>
                ". Whether it is more than noise was not tested: the study does not compare it "
                    + "with float image by image.",
        };

    /// <summary>The interval in words.</summary>
    public static string Interval(CrossoverPoint point) =>
        $"{End(point.Low95)} to {End(point.High95)}";

    private static string End(double? value) =>
        value is { } v ? Words.Epsilon(v) : "beyond all budgets";
}
