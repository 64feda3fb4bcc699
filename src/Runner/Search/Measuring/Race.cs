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

    /// <summary>The rival that shows a design to be worse; null where none does.</summary>
    /// <param name="design">With outcomes on few images.</param>
    /// <param name="rivals">With outcomes that begin with the same images.</param>
    public Design? BeatenBy(Design design, IEnumerable<Design> rivals) =>
        _accuracies.Length == 0 ? null : rivals.FirstOrDefault(r => IsBeaten(design, r));

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
