using System.Text.Json.Serialization;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Predictions;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Studies;

/// <summary>
/// What a study measured, and nothing that depends on when, where or how fast: the same settings
/// give the same bytes.
/// </summary>
internal sealed record StudyResults
{
    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/results/1";

    /// <summary>False while something is missing, as after an interruption.</summary>
    public bool Complete { get; init; }

    /// <summary>What was asked.</summary>
    public required StudySettings Study { get; init; }

    /// <summary>What each attack was made of, nothing left out.</summary>
    public IReadOnlyList<AttackDescription> Attacks { get; init; } = [];

    /// <summary>What was trained, one per seed as far as it was.</summary>
    public IReadOnlyList<TrainedModel> Models { get; init; } = [];

    /// <summary>Accuracies: by seed, threat model, attack, budget, target.</summary>
    public IReadOnlyList<AccuracyCell> Accuracy { get; init; } = [];

    /// <summary>
    /// Robust accuracies, where there are several attacks: the mean over images of the worst
    /// attack, clean images among them.
    /// </summary>
    public IReadOnlyList<AccuracyCell> Robust { get; init; } = [];

    /// <summary>
    /// Mean and range over the seeds, where there are several; the worst attack at the end.
    /// </summary>
    public IReadOnlyList<SeedSpread> OverSeeds { get; init; } = [];

    /// <summary>Where each profile's curve crosses the float network's.</summary>
    public IReadOnlyList<CrossoverPoint> Crossovers { get; init; } = [];

    /// <summary>Pairs of targets, image by image.</summary>
    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];

    /// <summary>
    /// Where a study sweeps numbers: from which value on little is lost. Null elsewhere.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SmallestValue>? SmallestValues { get; init; }

    /// <summary>What happened to values on the clean test images.</summary>
    public IReadOnlyList<StageCount> Events { get; init; } = [];

    /// <summary>What each layer costs and what its accumulator has to hold.</summary>
    public IReadOnlyList<LayerFacts> Layers { get; init; } = [];

    /// <summary>How far each target's margins are from the float network's.</summary>
    public IReadOnlyList<MarginSummary> Margins { get; init; } = [];

    /// <summary>
    /// What the margin model predicts, beside what was measured under threat model hardware.
    /// </summary>
    public IReadOnlyList<Prediction> Predictions { get; init; } = [];

    /// <summary>How good the predictions are.</summary>
    public IReadOnlyList<PredictionQuality> PredictionQuality { get; init; } = [];

    /// <summary>Where the predicted curves cross the float network's.</summary>
    public IReadOnlyList<PredictedCrossover> PredictedCrossovers { get; init; } = [];

    /// <summary>What each attack cost.</summary>
    public IReadOnlyList<AttackEffort> Effort { get; init; } = [];

    /// <summary>Of attacks that look for the smallest change: what they found.</summary>
    public IReadOnlyList<SmallestChange> SmallestChanges { get; init; } = [];

    /// <summary>
    /// The transfer matrix, where the study asks for one: every target's images on every target.
    /// </summary>
    public IReadOnlyList<TransferCell> Transfers { get; init; } = [];

    /// <summary>
    /// Where the study asks for proofs: robust accuracies from both sides, in the plan's order.
    /// </summary>
    public IReadOnlyList<CertifiedFigure> Certificates { get; init; } = [];

    /// <summary>What accumulators have to hold for images within a budget.</summary>
    public IReadOnlyList<AccumulatorNeed> AccumulatorNeeds { get; init; } = [];

    /// <summary>
    /// What circuits cost, where the study asks: by the programs of the machine, which it names.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunCosts? Cost { get; init; }

    /// <summary>What the checks found against the figures.</summary>
    public IReadOnlyList<StudyDoubt> Doubts { get; init; } = [];

    /// <summary>Whether the figures can be believed; null while something is missing.</summary>
    public StudyVerdict? Verdict { get; init; }
}
