namespace QSim.Attacks.Evaluation;

/// <summary>
/// How an evaluation is carried out; none of it but seed and restarts changes the results.
/// </summary>
public sealed record AttackOptions
{
    /// <summary>Key of all randomness, with attack, image and restart.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Attempts per image.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>
    /// Images attacked together, or more where the source wants more; memory grows with it.
    /// </summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>
    /// Verdicts on the clean images, where several evaluations share them; null to make them anew.
    /// </summary>
    public CleanVerdicts? Clean { get; init; }

    /// <summary>
    /// Images made on the float network, where evaluations of several targets share them; null to
    /// make them anew.
    /// </summary>
    public BorrowedImages? Borrowed { get; init; }

    /// <summary>
    /// Images to take up before others, as far as batches go: true for each of them; null for none.
    /// </summary>
    public IReadOnlyList<bool>? First { get; init; }

    /// <summary>Told after every batch.</summary>
    public Action<EvaluationProgress>? Progress { get; init; }
}

/// <summary>How far an evaluation has come.</summary>
/// <param name="Attack">The attack's name.</param>
/// <param name="Budget">The budget being worked on.</param>
/// <param name="Done">Images done under it.</param>
/// <param name="Total">Images in all.</param>
public readonly record struct EvaluationProgress(string Attack, Budget Budget, int Done, int Total);
