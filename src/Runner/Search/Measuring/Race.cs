using QSim.Runner.Statistics;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search.Measuring;

/// <summary>
/// Drops designs on few images, before they cost many: where another costs no more and is better
/// there in every accuracy by a paired test, or where a constraint is missed by one.
/// </summary>
/// <param name="objectives">What designs are compared by.</param>
/// <param name="constraints">What they have to meet.</param>
internal sealed class Race(
    IReadOnlyList<Metric> objectives, IReadOnlyList<Constraint> constraints)
{
    /// <summary>One side of a test at half a percent: many rivals are asked.</summary>
    private const double Z = 2.5758;

    private readonly Metric[] _accuracies = [.. objectives.Where(o => o.IsAccuracy)];
    private readonly Metric[] _costs = [.. objectives.Where(o => !o.IsAccuracy)];

    /// <summary>
    /// The rival that shows a design to be worse; null where none does. One that misses a
    /// constraint shows nothing: a worse design that meets it is better.
    /// </summary>
    /// <param name="design">With outcomes on few images.</param>
    /// <param name="rivals">With outcomes that begin with the same images.</param>
    /// <param name="ofFloat">The float network's outcomes on all images.</param>
    public Design? BeatenBy(
        Design design, IEnumerable<Design> rivals, IReadOnlyDictionary<Metric, string> ofFloat) =>
        _accuracies.Length == 0
            ? null
            : rivals.FirstOrDefault(r => IsBeaten(design, r) && Violation(r, ofFloat) == 0);

    /// <summary>By how much constraints are missed, of figures that are known.</summary>
    /// <param name="design">The design.</param>
    /// <param name="ofFloat">The float network's outcomes on all images.</param>
    public double Violation(Design design, IReadOnlyDictionary<Metric, string> ofFloat) =>
        constraints.Sum(c => design.Figure(c.Metric) is { } figure
            ? c.Violation(figure, OfFloatAt(c, design, ofFloat))
            : 0);

    /// <summary>
    /// The constraint that a design is shown to miss against the float network's outcomes on the
    /// same images; null for none.
    /// </summary>
    public Constraint? Missed(Design design, IReadOnlyDictionary<Metric, string> ofFloat) =>
        constraints.FirstOrDefault(c =>
            c.Kind == ConstraintKind.BelowFloat
            && design.Outcomes.TryGetValue(c.Metric, out string? own)
            && ofFloat.TryGetValue(c.Metric, out string? reference)
            && PairedDifference.Of(reference[..own.Length], own).Score(c.Number / 100) >= Z);

    /// <summary>The float network's accuracy on the images that a design was seen on.</summary>
    private static double OfFloatAt(
        Constraint constraint, Design design, IReadOnlyDictionary<Metric, string> ofFloat)
    {
        if (constraint.Kind != ConstraintKind.BelowFloat) return 0;
        int images = design.Outcomes[constraint.Metric].Length;
        return 100.0 * ofFloat[constraint.Metric].Take(images).Count(o => o == '1') / images;
    }

    /// <summary>Attacks of a rung leave no less than all of them: only as seen in both.</summary>
    private bool IsBeaten(Design design, Design rival)
    {
        if (_costs.Any(c => rival.Costs[c] > design.Costs[c])) return false;
        Metric[] seen = [.. _accuracies.Where(design.Outcomes.ContainsKey)];
        return seen.Length == _accuracies.Length && seen.All(metric =>
        {
            string own = design.Outcomes[metric], other = rival.Outcomes[metric];
            return PairedDifference.Of(other[..own.Length], own).Score(0) >= Z;
        });
    }
}
