using QSim.Runner.Reports;
using QSim.Runner.Search.Fronts;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search;

/// <summary>What became of the front on images that the search did not see.</summary>
/// <param name="plan">What was looked for.</param>
/// <param name="run">The front's run.</param>
internal sealed class HeldBackFigures(SearchPlan plan, LoadedRun run)
{
    private readonly StudyResults _results = run.Results();

    /// <summary>The results with them.</summary>
    public SearchResults Of(SearchResults results)
    {
        FoundDesign[] front = [.. results.Front.Select(With)];
        Score[] scores =
        [
            .. front.Select(d => new Score(
                [
                    .. plan.Objectives.Select(o => o.IsAccuracy
                        ? 100 - d.HeldBack[o.Name]
                        : d.Figures[o.Name]),
                ], 0)),
        ];
        return results with
        {
            Front = front,
            Start = With(results.Start),
            FrontHeld = (double)Front.Of(scores).Length / front.Length,
            Verdict = _results.Verdict,
        };
    }

    private FoundDesign With(FoundDesign design) => design with
    {
        HeldBack = plan.Metrics.Where(m => m.IsAccuracy).ToDictionary(
            m => m.Name, m => 100 * Accuracy(m, design.Name)),
    };

    private double Accuracy(Metric metric, string target)
    {
        if (metric.Kind == MetricKind.Proved)
            return _results.Certificates.First(c =>
                c.Profile == target && c.EpsilonValue == metric.Epsilon!.Value.Value)
                .ProvedAccuracy;
        IEnumerable<AccuracyCell> cells =
            metric.Kind == MetricKind.Worst && run.Study.Attacks.Count > 1
                ? _results.Robust
                : _results.Accuracy;
        return cells.First(c =>
            c.Target == target
            && (metric.Kind == MetricKind.Clean
                ? c.Threat is null
                : c.Threat is not null && c.EpsilonValue == metric.Epsilon!.Value.Value)).Accuracy;
    }
}
