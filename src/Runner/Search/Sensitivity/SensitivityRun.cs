using MathNet.Numerics.Distributions;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search.Sensitivity;

/// <summary>Narrows every stage of every layer by itself, then those together that bear it.
/// </summary>
/// <param name="meter">Measures designs.</param>
/// <param name="metrics">Accuracies that are asked for.</param>
/// <param name="rung">All images under all attacks.</param>
/// <param name="settings">The study's.</param>
internal sealed class SensitivityRun(
    SearchMeter meter, IReadOnlyList<Metric> metrics, Rung rung, StudySettings settings)
{
    private const double Level = 0.05;

    /// <summary>Measures everything.</summary>
    /// <param name="stages">What is narrowed.</param>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public SensitivityResults Run(IReadOnlyList<NarrowerStage> stages)
    {
        Design[] examined = [.. stages.Select(s => meter.Examine([], [s.Setting]))];
        (NarrowerStage Stage, Design Design)[] possible =
        [
            .. stages.Zip(examined).Where(d => d.Second.Fate == DesignFate.Whole),
        ];
        Design[] measured = meter.Measure(
            [meter.Examine([], []), .. possible.Select(p => p.Design)], rung);
        Design start = measured[0];
        (NarrowerStage Stage, Design Design)[] single =
            [.. possible.Zip(measured.Skip(1), (p, d) => (p.Stage, d))];
        (string Stage, string[] Layers, Design Design)[] joint = [.. Together(start, single)];
        Row[] rows =
        [
            .. single.SelectMany(s => metrics.Select(m => new Row(
                s.Stage.Layer, s.Stage.Stage, $"{s.Stage.Bits} to {s.Stage.Setting.Value}", m,
                s.Design))),
            .. joint.SelectMany(j => metrics.Select(m => new Row(
                string.Join(", ", j.Layers), j.Stage, "", m, j.Design))),
        ];
        StageLoss[] losses = Losses(start, rows);
        int first = single.Length * metrics.Count;
        return new()
        {
            Study = settings,
            Start = metrics.ToDictionary(m => m.Name, m => start.Figure(m)!.Value),
            Stages = losses[..first],
            Together = losses[first..],
            Impossible =
            [
                .. stages.Zip(examined).Where(d => d.Second.Fate != DesignFate.Whole)
                    .Select(d => $"{d.First.Name}: {d.Second.Reason}"),
            ],
        };
    }

    /// <summary>Layers whose measured loss is within the tolerance, two at least.</summary>
    private IEnumerable<(string Stage, string[] Layers, Design Design)> Together(
        Design start, (NarrowerStage Stage, Design Design)[] single)
    {
        foreach (var stage in single.GroupBy(s => s.Stage.Stage))
        {
            NarrowerStage[] bearing =
            [
                .. stage.Where(s => metrics.All(m =>
                        Loss(start, s.Design, m).Value <= (settings.Points / 100) + 1e-12))
                    .Select(s => s.Stage),
            ];
            if (bearing.Length < 2) continue;
            Design design = meter.Examine([], [.. bearing.Select(b => b.Setting)]);
            if (design.Fate == DesignFate.Whole)
                yield return (
                    stage.Key, [.. bearing.Select(b => b.Layer)],
                    meter.Measure([design], rung)[0]);
        }
    }

    private static StageLoss[] Losses(Design start, Row[] rows)
    {
        PairedDifference[] losses = [.. rows.Select(r => Loss(start, r.Design, r.Metric))];
        double[] p = Holm.Adjust(
            [.. losses.Select(l => new McNemar(l.OnlyFirst, l.OnlySecond).ExactP())]);
        double z = Normal.InvCDF(0, 1, 1 - (Level / 2 / Math.Max(1, rows.Length)));
        return
        [
            .. rows.Select((row, i) =>
            {
                Interval interval = losses[i].Within(z);
                return new StageLoss(
                    row.Layers, row.Stage, row.Change, row.Metric.Name, 100 * losses[i].Value,
                    100 * interval.Low, 100 * interval.High, p[i]);
            }),
        ];
    }

    private static PairedDifference Loss(Design start, Design design, Metric metric) =>
        PairedDifference.Of(start.Outcomes[metric], design.Outcomes[metric]);

    private sealed record Row(
        string Layers, string Stage, string Change, Metric Metric, Design Design);
}
