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

    /// <summary>What it took and met with.</summary>
    public required AttackEvidence Evidence { get; init; }

    /// <summary>Share of images standing, 0..1.</summary>
    public double Accuracy => (double)Standing / Images;

    /// <summary>The observations of a result: one per judge.</summary>
    public static IEnumerable<Observation> Of(RobustnessResult result) =>
        result.Judges.Select(judge =>
        {
            bool isSource = judge.Name == result.Source || result.Threat != ThreatModel.Transfer;
            AttackEvidence evidence = AttackEvidence.Of(result, judge);
            return new Observation
            {
                Target = judge.Name,
                Attack = result.Attack,
                Threat = result.Threat,
                Source = result.Source,
                Budget = result.Budget,
                ImageLength = result.Adversarial.Length / judge.Labels.Length,
                Standing = judge.RobustRight,
                Images = judge.Labels.Length,
                Evidence = isSource ? evidence : evidence.Elsewhere(),
            };
        });
}
