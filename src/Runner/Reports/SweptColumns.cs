using System.Globalization;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports;

/// <summary>
/// The keys that a study sweeps as columns of its CSV files, so that nobody has to take the names
/// of targets apart, and what circuits cost, where the study asks.
/// </summary>
internal sealed class SweptColumns
{
    private readonly RunCosts? _costs;
    private readonly int _sweptKeys;
    private readonly Dictionary<string, IReadOnlyList<string>> _known = [];
    private readonly (string End, IReadOnlyList<SweepSetting> Point)[] _points;

    /// <summary>Of a study; none where it sweeps nothing and prices nothing.</summary>
    public SweptColumns(StudySettings study, RunCosts? costs = null)
    {
        string[] swept = [.. study.Sweep.SelectMany(a => a.Steps[0]).Select(s => s.Key)];
        _sweptKeys = swept.Length;
        _costs = costs;
        Keys = [.. swept, .. costs?.Columns().Select(c => c.Name) ?? []];
        var labels = SweepLabels.Of(swept);
        _points = swept.Length == 0
            ? []
            : [.. SweepAxis.Points(study.Sweep).Select(p => (SweepLabels.Name("", p, labels), p))];
    }

    /// <summary>The keys, as a profile spells them, then costs.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>A target's values, in the order of the keys; empty for the float network.</summary>
    public IReadOnlyList<string> Of(string target)
    {
        if (!_known.TryGetValue(target, out IReadOnlyList<string>? values))
            _known.Add(target, values = [.. Find(target)]);
        return values;
    }

    private IEnumerable<string> Find(string target)
    {
        IReadOnlyList<SweepSetting> point = _points
            .Where(p => target.EndsWith(p.End, StringComparison.Ordinal))
            .OrderByDescending(p => p.End.Length).Select(p => p.Point).FirstOrDefault() ?? [];
        ProfileFigures? figures = _costs?.Profiles.FirstOrDefault(p => p.Profile == target);
        return Keys.Take(_sweptKeys)
            .Select(k => point.FirstOrDefault(s => s.Key == k)?.Value ?? "")
            .Concat(_costs?.Columns().Select(c => figures is null
                ? ""
                : c.Of(figures)?.ToString(CultureInfo.InvariantCulture) ?? "") ?? []);
    }
}
