using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports;

/// <summary>
/// The keys that a study sweeps as columns of its CSV files, so that nobody has to take the names
/// of targets apart.
/// </summary>
internal sealed class SweptColumns
{
    private readonly (string End, IReadOnlyList<SweepSetting> Point)[] _points;

    /// <summary>Of a study; none where it sweeps nothing.</summary>
    public SweptColumns(StudySettings study)
    {
        Keys = [.. study.Sweep.SelectMany(a => a.Steps[0]).Select(s => s.Key)];
        var labels = SweepLabels.Of(Keys);
        _points = Keys.Count == 0
            ? []
            : [.. SweepAxis.Points(study.Sweep).Select(p => (SweepLabels.Name("", p, labels), p))];
    }

    /// <summary>The keys, as a profile spells them.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>A target's values, in the order of the keys; empty for the float network.</summary>
    public IEnumerable<string> Of(string target)
    {
        IReadOnlyList<SweepSetting> point = _points
            .Where(p => target.EndsWith(p.End, StringComparison.Ordinal))
            .OrderByDescending(p => p.End.Length).Select(p => p.Point).FirstOrDefault() ?? [];
        return Keys.Select(k => point.FirstOrDefault(s => s.Key == k)?.Value ?? "");
    }
}
