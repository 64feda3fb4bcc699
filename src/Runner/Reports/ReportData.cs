using QSim.Attacks.Evaluation;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Examples;

namespace QSim.Runner.Reports;

/// <summary>
/// Everything that a report is made of: what lies in a run's folder, and nothing else.
/// </summary>
/// <param name="Study">What was asked.</param>
/// <param name="Results">What the cells come to.</param>
internal sealed record ReportData(ResolvedStudy Study, StudyResults Results)
{
    /// <summary>Differences with a corrected p-value below this count as such.</summary>
    public const double Level = 0.05;

    /// <summary>Cells that lie in the folder, those of other versions of QSim among them.</summary>
    public int StoredCells { get; init; }

    /// <summary>Where it comes from; null where that is not known.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>What the profiles say; null in folders of older versions.</summary>
    public HardwareDescription? Hardware { get; init; }

    /// <summary>
    /// Images to look at; null while the run lacks something, and in merged runs.
    /// </summary>
    public ExampleSet? Examples { get; init; }

    /// <summary>The profiles' names, without the float network.</summary>
    public IReadOnlyList<string> Profiles =>
        [.. Study.Targets.Select(t => t.Name).Where(n => n != AccuracyCell.FloatTarget)];

    /// <summary>
    /// What was measured on clean images and under every attack, the worst one at the end.
    /// </summary>
    public IEnumerable<AccuracyCell> Cells => Results.Accuracy.Concat(Results.Robust);

    /// <summary>The attack that stands for all: the worst of several, or the only one.</summary>
    public string DecidingAttack =>
        Study.Attacks.Count == 1 ? Study.Attacks[0] : AccuracyCell.WorstAttack;

    /// <summary>Whether several networks were trained.</summary>
    public bool HasSeeds => Study.Settings.Seeds.Count > 1;

    /// <summary>What the horizontal axis of every curve is.</summary>
    public string XLabel => $"epsilon ({NormNames.Of(Study.Settings.Norm)}, pixels in [0, 1])";

    /// <summary>What layers cost and can hold, with the first seed's weights.</summary>
    public IEnumerable<LayerFacts> FirstSeedLayers =>
        Results.Layers.Where(l => l.Seed == Study.Settings.Seed);

    /// <summary>Threat models with their attacks, the deciding attack of each first.</summary>
    public IReadOnlyList<(ThreatModel Threat, string Attack)> AttackRows =>
        [
            .. Cells
                .Where(c => c.Threat is not null)
                .Select(c => (Threat: c.Threat!.Value, c.Attack))
                .Distinct()
                .OrderBy(r => Study.Settings.Threats.ToList().IndexOf(r.Threat))
                .ThenBy(r => r.Attack == DecidingAttack ? 0 : 1),
        ];
}
