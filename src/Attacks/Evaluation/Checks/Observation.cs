namespace QSim.Attacks.Evaluation.Checks;

/// <summary>
/// What one attack under one budget did to one classifier: what the checks look at.
/// </summary>
public sealed record Observation
{
    /// <summary>The classifier.</summary>
    public required string Target { get; init; }

    /// <summary>The attack's name.</summary>
    public required string Attack { get; init; }

    /// <summary>What the attacker knew.</summary>
    public required ThreatModel Threat { get; init; }

    /// <summary>What the attack looked at.</summary>
    public required Knowledge Needs { get; init; }

    /// <summary>Whether it took a single gradient.</summary>
    public bool IsSingleStep { get; init; }

    /// <summary>
    /// Under transfer, the classifier that the images were made on; null for some other one.
    /// </summary>
    public string? Source { get; init; }

    /// <summary>Whether it is random noise, whatever its settings.</summary>
    public bool IsNoise =>
        Attack == "noise" || Attack.StartsWith("noise:", StringComparison.Ordinal);

    /// <summary>Whether the images were made on this very classifier.</summary>
    public bool IsSource => Threat != ThreatModel.Transfer || Source == Target;

    /// <summary>What it was allowed to do.</summary>
    public required Budget Budget { get; init; }

    /// <summary>
    /// Values per image, which say how far an image can be changed at all; 0 where that is unknown.
    /// </summary>
    public int ImageLength { get; init; }

    /// <summary>Images classified right when clean and after the attack.</summary>
    public required int Standing { get; init; }

    /// <summary>Images in all.</summary>
    public required int Images { get; init; }

    /// <summary>Classes that there have to be for its losses to mean anything.</summary>
    public int LeastClasses { get; init; } = 2;

    /// <summary>Classes that there are; 0 where that is unknown.</summary>
    public int Classes { get; init; }

    /// <summary>
    /// Images attacked that stand and never had a gradient that was not zero.
    /// </summary>
    public int WithoutGradient { get; init; }

    /// <summary>The layer in which most of those gradients die; null where nobody knows.</summary>
    public string? DiesIn { get; init; }

    /// <summary>How many of them die there.</summary>
    public int DiesInCount { get; init; }

    /// <summary>Attempts at an image that stood.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Images that only the last attempt broke.</summary>
    public int BrokenByLastAttempt { get; init; }

    /// <summary>Images that only the last quarter of the last attempt's steps broke.</summary>
    public int BrokenLate { get; init; }

    /// <summary>Images whose verdict differed between two looks at the same pixels.</summary>
    public int Undecided { get; init; }

    /// <summary>Share of images standing, 0..1.</summary>
    public double Accuracy => (double)Standing / Images;

    /// <summary>An observation with what was recorded of it.</summary>
    public static Observation From(
        string target, string attack, ThreatModel threat, Budget budget, int standing, int images,
        AttackEvidence evidence) =>
        new()
        {
            Target = target,
            Attack = attack,
            Threat = threat,
            Budget = budget,
            Standing = standing,
            Images = images,
            Needs = evidence.Needs,
            IsSingleStep = evidence.IsSingleStep,
            LeastClasses = evidence.LeastClasses,
            Classes = evidence.Classes,
            WithoutGradient = evidence.WithoutGradient,
            DiesIn = evidence.DiesIn,
            DiesInCount = evidence.DiesInCount,
            Attempts = evidence.Attempts,
            BrokenByLastAttempt = evidence.BrokenByLastAttempt,
            BrokenLate = evidence.BrokenLate,
            Undecided = evidence.Undecided,
        };

    /// <summary>The observations of a result: one per judge.</summary>
    public static IEnumerable<Observation> Of(RobustnessResult result) =>
        result.Judges.Select(judge =>
        {
            bool isSource = judge.Name == result.Source || result.Threat != ThreatModel.Transfer;
            AttackEvidence evidence = AttackEvidence.Of(result, judge);
            return From(
                judge.Name, result.Attack, result.Threat, result.Budget, judge.RobustRight,
                judge.Labels.Length, isSource ? evidence : evidence.Elsewhere()) with
            {
                Source = result.Source,
                ImageLength = result.Adversarial.Length / judge.Labels.Length,
            };
        });
}
