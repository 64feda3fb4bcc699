using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Predictions;

namespace QSim.Runner.Studies;

/// <summary>
/// What a study measured, and nothing that depends on when, where or how fast: the same settings
/// give the same bytes.
/// </summary>
public sealed record StudyResults
{
    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/results/1";

    /// <summary>False while something is missing, as after an interruption.</summary>
    public bool Complete { get; init; }

    /// <summary>What was asked.</summary>
    public required StudySettings Study { get; init; }

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

    /// <summary>What the checks found against the figures.</summary>
    public IReadOnlyList<StudyDoubt> Doubts { get; init; } = [];

    /// <summary>Whether the figures can be believed; null while something is missing.</summary>
    public StudyVerdict? Verdict { get; init; }
}

/// <summary>The float network after training.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Numbers that training changed.</param>
/// <param name="TrainingAccuracy">
/// In the epoch that was kept, on the batches as they were trained on, 0..1; of a loaded network,
/// on all training images.
/// </param>
/// <param name="Sha256">Of its parameters as little-endian float32, layer after layer.</param>
/// <param name="GradientEngine">The engine that trained it and led the attacks.</param>
public sealed record TrainedModel(
    ulong Seed, string Name, int Parameters, double TrainingAccuracy, string Sha256,
    string GradientEngine)
{
    /// <summary>
    /// The target whose own network it is; null for the float network, which profiles may share.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <summary>
    /// How training by a recipe went; the recipe is the study's. Null without one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingOutcome? Training { get; init; }
}

/// <summary>How training went.</summary>
/// <param name="Epochs">Epochs that were run.</param>
/// <param name="KeptEpoch">The one whose parameters were kept.</param>
/// <param name="ValidationAccuracy">
/// Of that epoch on the images held out, 0..1; null where there are none.
/// </param>
public sealed record TrainingOutcome(int Epochs, int KeptEpoch, double? ValidationAccuracy);

/// <summary>One target under one attack with one budget.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Target"><see cref="FloatTarget"/>, or a profile's name.</param>
/// <param name="Attack">
/// <see cref="NoAttack"/>, <see cref="WorstAttack"/>, or an attack's name.
/// </param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Correct">Images still classified right.</param>
/// <param name="Images">Images attacked.</param>
/// <param name="Accuracy">Correct / images.</param>
/// <param name="Low95">Lower end of the 95 % Wilson interval.</param>
/// <param name="High95">Upper end of it.</param>
public sealed record AccuracyCell(
    ulong Seed, ThreatModel? Threat, string Target, string Attack, string Epsilon,
    double EpsilonValue, int Correct, int Images, double Accuracy, double Low95, double High95)
{
    /// <summary>The name of the float network among the targets.</summary>
    public const string FloatTarget = "float";

    /// <summary>The attack of clean images.</summary>
    public const string NoAttack = "none";

    /// <summary>All attacks together: an image counts when none of them succeeds.</summary>
    public const string WorstAttack = "worst";

    /// <summary>Accuracy and interval from counts.</summary>
    public static AccuracyCell Of(
        ulong seed, ThreatModel? threat, string target, string attack, Epsilon epsilon,
        Proportion correct)
    {
        Interval interval = correct.Wilson95();
        return new(
            seed, threat, target, attack, epsilon.ToString(), epsilon.Value, correct.Successes,
            correct.Trials, correct.Value, interval.Low, interval.High);
    }
}

/// <summary>One target under one attack with one budget, over all seeds.</summary>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Target">The target.</param>
/// <param name="Attack">As in <see cref="AccuracyCell"/>.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="Seeds">How many.</param>
/// <param name="Mean">Mean accuracy.</param>
/// <param name="Lowest">Least accuracy.</param>
/// <param name="Highest">Largest accuracy.</param>
public sealed record SeedSpread(
    ThreatModel? Threat, string Target, string Attack, string Epsilon, int Seeds, double Mean,
    double Lowest, double Highest);

/// <summary>Two targets under one attack with one budget, image by image.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Attack">As in <see cref="AccuracyCell"/>.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="First">A target.</param>
/// <param name="Second">Another.</param>
/// <param name="OnlyFirst">Images that only the first gets right.</param>
/// <param name="OnlySecond">Images that only the second gets right.</param>
/// <param name="P">McNemar's exact two-sided p-value.</param>
/// <param name="PHolm">The same, corrected for all comparisons of the study.</param>
public sealed record Comparison(
    ulong Seed, ThreatModel? Threat, string Attack, string Epsilon, string First, string Second,
    int OnlyFirst, int OnlySecond, double P, double PHolm);

/// <summary>Where a profile's accuracy curve crosses the float network's.</summary>
/// <param name="Threat">What the attacker knew.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">
/// The first crossing, linear between grid points; null where there is none.
/// </param>
/// <param name="Low95">
/// Lower end of its 95 % bootstrap interval; null where it lies beyond all budgets.
/// </param>
/// <param name="High95">Upper end; null where it lies beyond all budgets.</param>
/// <param name="WithCrossing">Share of the bootstrap's samples that have a crossing.</param>
public sealed record CrossoverPoint(
    ThreatModel Threat, string Profile, string Attack, double? Epsilon, double? Low95,
    double? High95, double WithCrossing);

/// <summary>Output elements to which something happened in one stage of one layer.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Stage">product, accumulator or output.</param>
/// <param name="Overflowed">Elements that left the stage's range at least once.</param>
/// <param name="Inexact">Elements that lost a set bit at least once.</param>
/// <param name="Elements">All elements: the layer's outputs times the images.</param>
public sealed record StageCount(
    ulong Seed, string Profile, string Layer, string Stage, long Overflowed, long Inexact,
    long Elements);
