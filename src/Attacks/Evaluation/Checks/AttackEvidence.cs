namespace QSim.Attacks.Evaluation.Checks;

/// <summary>
/// What an attack took and met with on its way: what tells a strong figure from a masked one.
/// </summary>
public sealed record AttackEvidence
{
    /// <summary>What the attack looked at.</summary>
    public required Knowledge Needs { get; init; }

    /// <summary>Whether it took a single gradient.</summary>
    public bool IsSingleStep { get; init; }

    /// <summary>Attempts at an image that stood, restarts counted in.</summary>
    public required int Attempts { get; init; }

    /// <summary>Images attacked: those classified right when clean.</summary>
    public required int Attacked { get; init; }

    /// <summary>Classes that there have to be for its losses to mean anything.</summary>
    public int LeastClasses { get; init; } = 2;

    /// <summary>Classes that there are; 0 where that is unknown.</summary>
    public int Classes { get; init; }

    /// <summary>
    /// Images attacked that stand and never had a gradient that was not zero.
    /// </summary>
    public int WithoutGradient { get; init; }

    /// <summary>
    /// The layer in which most of those gradients die; null where there are none or nobody knows.
    /// </summary>
    public string? DiesIn { get; init; }

    /// <summary>How many of them die there.</summary>
    public int DiesInCount { get; init; }

    /// <summary>
    /// Images that only the last attempt broke, where attempts are more of the same.
    /// </summary>
    public int BrokenByLastAttempt { get; init; }

    /// <summary>Images that only the last quarter of the last attempt's steps broke.</summary>
    public int BrokenLate { get; init; }

    /// <summary>Images whose verdict differed between two looks at the same pixels.</summary>
    public int Undecided { get; init; }

    /// <summary>Forward passes per image attacked.</summary>
    public required PerImage Queries { get; init; }

    /// <summary>Backward passes per image attacked.</summary>
    public required PerImage Gradients { get; init; }

    /// <summary>Sizes of the smallest changes, where the attack looks for them.</summary>
    public SmallestChanges? Smallest { get; init; }

    /// <summary>The evidence of a result, with the verdict of one of its judges.</summary>
    public static AttackEvidence Of(RobustnessResult result, JudgeResult judge)
    {
        bool isSource = judge.Name == result.Source;
        ImageOutcome[] attacked = [.. result.Images.Where(i => i.WasAttacked)];
        ImageOutcome[] blind =
        [
            .. attacked.Where(i => !i.FooledSource && i.GradientsWhileRight > 0
                && i.ZeroGradients == i.GradientsWhileRight),
        ];
        var deadliest = blind
            .Where(i => i.DiesIn is not null)
            .GroupBy(i => i.DiesIn)
            .MaxBy(g => g.Count());
        int last = result.Attempts - 1;
        return new()
        {
            Needs = result.Needs,
            IsSingleStep = result.IsSingleStep,
            LeastClasses = result.LeastClasses,
            Classes = result.Classes,
            Attempts = result.Attempts,
            Attacked = attacked.Length,
            WithoutGradient = blind.Length,
            DiesIn = deadliest?.Key,
            DiesInCount = deadliest?.Count() ?? 0,
            BrokenByLastAttempt =
                result.AttemptsDiffer || last == 0
                    ? 0
                    : attacked.Count(i => i.BrokenAtAttempt == last),
            BrokenLate = attacked.Count(i => i.BrokenLate && i.BrokenAtAttempt == last),
            Undecided =
                result.Threat == ThreatModel.Transfer || !isSource
                    ? 0
                    : result
                        .Images.Where(
                            (image, i) =>
                                image.WasAttacked
                                && image.FooledSource
                                    != (judge.AdversarialClasses[i] != judge.Labels[i])
                        )
                        .Count(),
            Queries = PerImage.Of(attacked.Select(i => i.Queries)),
            Gradients = PerImage.Of(attacked.Select(i => i.GradientQueries)),
            Smallest = result.IsMinimalNorm
                ? SmallestChanges.Of(attacked.Select(i => i.Smallest))
                : null,
        };
    }

    /// <summary>
    /// The same cost for a judge that the attack never saw: what the source showed says nothing
    /// about it.
    /// </summary>
    public AttackEvidence Elsewhere() =>
        this with
        {
            WithoutGradient = 0,
            DiesIn = null,
            DiesInCount = 0,
            BrokenByLastAttempt = 0,
            BrokenLate = 0,
            Undecided = 0,
        };
}

/// <summary>A count per image.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="Median">The middle one, the lower of two.</param>
/// <param name="Most">The largest.</param>
public readonly record struct PerImage(double Mean, long Median, long Most)
{
    /// <summary>Sums up counts; zeros where there are none.</summary>
    public static PerImage Of(IEnumerable<long> counts)
    {
        long[] sorted = [.. counts.Order()];
        return sorted.Length == 0
            ? default
            : new(sorted.Average(), sorted[(sorted.Length - 1) / 2], sorted[^1]);
    }
}

/// <summary>
/// Sizes of the smallest changes that break images; null from where on images are unbroken.
/// </summary>
/// <param name="Found">Images for which one was found.</param>
/// <param name="NotFound">Images for which none was.</param>
/// <param name="Low">The size that breaks a tenth of all these images.</param>
/// <param name="Quarter">A quarter.</param>
/// <param name="Median">Half.</param>
/// <param name="ThreeQuarters">Three quarters.</param>
/// <param name="High">Nine tenths.</param>
public sealed record SmallestChanges(
    int Found, int NotFound, double? Low, double? Quarter, double? Median, double? ThreeQuarters,
    double? High)
{
    /// <summary>Sums up sizes, infinite where none was found.</summary>
    public static SmallestChanges Of(IEnumerable<double> sizes)
    {
        double[] sorted = [.. sizes.Order()];
        int found = sorted.Count(double.IsFinite);
        double? Quantile(double share)
        {
            int at = Math.Max((int)Math.Ceiling(share * sorted.Length) - 1, 0);
            return at < found ? sorted[at] : null;
        }

        return new(
            found, sorted.Length - found, Quantile(0.1), Quantile(0.25), Quantile(0.5),
            Quantile(0.75), Quantile(0.9));
    }
}
