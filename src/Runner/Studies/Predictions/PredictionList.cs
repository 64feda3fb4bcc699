using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Predictions;

/// <summary>What the margin model predicts of a study, from the clean cells alone.</summary>
internal sealed class PredictionList
{
    private readonly ResolvedStudy _study;
    private readonly Dictionary<(ulong Seed, string Target), MarginRecord> _margins;

    /// <summary>Of the clean cells that are there.</summary>
    /// <param name="study">The study.</param>
    /// <param name="clean">
    /// Its clean cells, each with the name that the study has for its target.
    /// </param>
    public PredictionList(ResolvedStudy study, IEnumerable<(string Target, CellRecord? Cell)> clean)
    {
        _study = study;
        _margins = clean.Where(c => c.Cell?.Margins is not null)
            .ToDictionary(c => (c.Cell!.Seed, c.Target), c => c.Cell!.Margins!);
    }

    /// <summary>Predictions beside what attacks through the hardware's own bits left.</summary>
    public IReadOnlyList<Prediction> Beside(IEnumerable<AccuracyCell> measured) =>
    [
        .. from cell in measured
           where cell.Threat == ThreatModel.Hardware
           where _margins.ContainsKey((cell.Seed, cell.Target))
           select Prediction.Of(cell, _margins[(cell.Seed, cell.Target)].Right(cell.EpsilonValue)),
    ];

    /// <summary>How good they are.</summary>
    public static IReadOnlyList<PredictionQuality> Quality(IEnumerable<Prediction> predictions) =>
        [
            .. from p in predictions
            group p by (p.Target, p.Attack) into same
            let errors = same.Select(p => p.ErrorPoints).ToArray()
            select new PredictionQuality(
                same.Key.Target, same.Key.Attack, errors.Length, errors.Average(),
                errors.Average(Math.Abs), errors.MaxBy(Math.Abs)),
        ];

    /// <summary>One per profile whose margins are known for every seed.</summary>
    public IReadOnlyList<PredictedCrossover> Crossovers()
    {
        if (Curve(AccuracyCell.FloatTarget) is not { } reference) return [];
        return
        [
            .. from target in _study.Targets
            where target.Name != AccuracyCell.FloatTarget
            let curve = Curve(target.Name)
            where curve is not null
            select new PredictedCrossover(target.Name, Crossover.Find(Epsilons, curve, reference)),
        ];
    }

    /// <summary>The targets' errors and radii.</summary>
    public IReadOnlyList<MarginSummary> Summaries() =>
    [
        .. from m in _margins
           let sorted = m.Value.Radii.OrderBy(r => r ?? float.PositiveInfinity).ToArray()
           let e = m.Value.Error
           select new MarginSummary(
               m.Key.Seed, m.Key.Target, e.MeanSize, e.LargestSize, e.MeanShift, e.MedianMargin,
               sorted[(sorted.Length - 1) / 2]),
    ];

    private double[] Epsilons =>
        [0, .. _study.Settings.Epsilons.Select(e => e.Value).Where(e => e > 0)];

    private double[]? Curve(string target)
    {
        MarginRecord[] seeds =
        [
            .. _study
                .Settings.Seeds.Select(s => _margins.GetValueOrDefault((s, target)))
                .OfType<MarginRecord>(),
        ];
        return seeds.Length < _study.Settings.Seeds.Count
            ? null
            : [.. Epsilons.Select(e => seeds.Average(s => (double)s.Right(e) / s.Radii.Count))];
    }
}
