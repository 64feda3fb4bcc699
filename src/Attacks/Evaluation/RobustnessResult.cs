namespace QSim.Attacks.Evaluation;

/// <summary>What one attack under one budget came to.</summary>
public sealed record RobustnessResult
{
    /// <summary>The attack's name.</summary>
    public required string Attack { get; init; }

    /// <summary>What the attack looked at.</summary>
    public required Knowledge Needs { get; init; }

    /// <summary>Whether it took a single gradient.</summary>
    public required bool IsSingleStep { get; init; }

    /// <summary>Attempts made at an image that stood, restarts counted in.</summary>
    public required int Attempts { get; init; }

    /// <summary>Whether each attempt goes for something else.</summary>
    public bool AttemptsDiffer { get; init; }

    /// <summary>Classes that there have to be for the attack's losses to mean anything.</summary>
    public int LeastClasses { get; init; } = 2;

    /// <summary>Classes that there are; 0 where that is unknown.</summary>
    public int Classes { get; init; }

    /// <summary>Whether the attack looks for the smallest change.</summary>
    public bool IsMinimalNorm { get; init; }

    /// <summary>What the attacker knew.</summary>
    public required ThreatModel Threat { get; init; }

    /// <summary>Name of the classifier that the attack saw.</summary>
    public required string Source { get; init; }

    /// <summary>What it was allowed to do.</summary>
    public required Budget Budget { get; init; }

    /// <summary>The images as the attack left them, laid out as the originals.</summary>
    public required float[] Adversarial { get; init; }

    /// <summary>Per image.</summary>
    public required IReadOnlyList<ImageOutcome> Images { get; init; }

    /// <summary>Per judge.</summary>
    public required IReadOnlyList<JudgeResult> Judges { get; init; }

    /// <summary>
    /// The change at which a share of attacked images are broken on the source: 0.5 for the median.
    /// Infinite where fewer are. For an attack that looks for the smallest change whatever the
    /// budget.
    /// </summary>
    /// <param name="share">0..1.</param>
    public double DistanceQuantile(double share)
    {
        double[] distances =
        [
            .. Images
                .Where(i => i.WasAttacked)
                .Select(i => i.FooledSource && !IsMinimalNorm ? i.Distance : i.Smallest)
                .Order(),
        ];
        if (distances.Length == 0)
            return double.NaN;
        return distances[
            Math.Clamp((int)Math.Ceiling(share * distances.Length) - 1, 0, distances.Length - 1)
        ];
    }

    /// <summary>Forward passes of the source, all images together.</summary>
    public long Queries => Images.Sum(i => i.Queries);

    /// <summary>Backward passes of the source, all images together.</summary>
    public long GradientQueries => Images.Sum(i => i.GradientQueries);
}

/// <summary>What happened to one image.</summary>
/// <param name="WasAttacked">False where no judge classified the clean image right.</param>
/// <param name="FooledSource">Whether the source misclassifies the image handed in.</param>
/// <param name="Distance">Size of the change in the budget's norm.</param>
/// <param name="Queries">Forward passes of the source.</param>
/// <param name="GradientQueries">Backward passes of the source.</param>
/// <param name="ZeroGradients">
/// Backward passes that gave zero in every pixel, where the source was still right.
/// </param>
/// <param name="BrokenAtAttempt">
/// The attempt that first fooled the source, from 0; -1 for none.
/// </param>
public readonly record struct ImageOutcome(
    bool WasAttacked,
    bool FooledSource,
    double Distance,
    long Queries,
    long GradientQueries,
    long ZeroGradients,
    int BrokenAtAttempt)
{
    /// <summary>Backward passes where the source was still right.</summary>
    public long GradientsWhileRight { get; init; }

    /// <summary>Whether it was the last quarter of that attempt's steps that did it.</summary>
    public bool BrokenLate { get; init; }

    /// <summary>
    /// Where the first gradient that was zero died; null where none was or nobody knows.
    /// </summary>
    public string? DiesIn { get; init; }

    /// <summary>
    /// Size of the smallest change that fooled the source, in or beyond the budget, where the
    /// attack looks for that; infinite where it found none.
    /// </summary>
    public double Smallest { get; init; } = double.PositiveInfinity;
}

/// <summary>One classifier's verdict on all images.</summary>
/// <param name="Name">The classifier.</param>
/// <param name="Labels">True classes.</param>
/// <param name="CleanClasses">Its decisions on the clean images.</param>
/// <param name="AdversarialClasses">Its decisions on the images handed in.</param>
public sealed record JudgeResult(
    string Name, int[] Labels, int[] CleanClasses, int[] AdversarialClasses)
{
    /// <summary>Images classified right when clean.</summary>
    public int CleanRight => Labels.Where((label, i) => CleanClasses[i] == label).Count();

    /// <summary>Images classified right when clean and after the attack.</summary>
    public int RobustRight => Labels.Where((label, i) => IsRobust(i)).Count();

    /// <summary>Share of images classified right when clean, 0..1.</summary>
    public double CleanAccuracy => (double)CleanRight / Labels.Length;

    /// <summary>Share of images classified right when clean and after the attack, 0..1.</summary>
    public double RobustAccuracy => (double)RobustRight / Labels.Length;

    /// <summary>Whether an image is classified right when clean and after the attack.</summary>
    public bool IsRobust(int image) =>
        CleanClasses[image] == Labels[image] && AdversarialClasses[image] == Labels[image];
}
