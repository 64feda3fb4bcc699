namespace QSim.Attacks.Evaluation;

/// <summary>
/// A threat model made concrete: what the attack sees, and who judges its images.
/// </summary>
public sealed class AttackTarget
{
    private AttackTarget(
        ThreatModel threat, Knowledge shows, IClassifier source, IReadOnlyList<IClassifier> judges)
    {
        if (judges.Count == 0)
            throw new ArgumentException("nobody to judge the images");
        if (
            judges.FirstOrDefault(j => j.Input != source.Input || j.Classes != source.Classes) is
            { } odd
        )
            throw new ArgumentException(
                $"{odd.Name} and {source.Name} differ in input shape or classes");
        (Threat, Shows, Source, Judges) = (threat, shows, source, judges);
    }

    /// <summary>The threat model.</summary>
    public ThreatModel Threat { get; }

    /// <summary>What an attack may ask of the source.</summary>
    public Knowledge Shows { get; }

    /// <summary>The classifier that the attack sees.</summary>
    public IClassifier Source { get; }

    /// <summary>Those whose robustness is measured.</summary>
    public IReadOnlyList<IClassifier> Judges { get; }

    /// <summary>Images made once on the source and judged by everyone else.</summary>
    public static AttackTarget Transfer(
        IDifferentiableClassifier source, params IReadOnlyList<IClassifier> judges) =>
        new(ThreatModel.Transfer, Knowledge.Gradients, source, judges);

    /// <summary>
    /// White box: the classifier is attacked through its own gradients and judges itself.
    /// </summary>
    public static AttackTarget WhiteBox(IDifferentiableClassifier classifier) =>
        new(ThreatModel.Hardware, Knowledge.Gradients, classifier, [classifier]);

    /// <summary>
    /// White box on a classifier with randomness: attacked in expectation, judged by a draw of its
    /// own.
    /// </summary>
    /// <param name="hardware">The classifier.</param>
    /// <param name="draws">Draws that each expectation is taken over.</param>
    public static AttackTarget InExpectation(IDifferentiableClassifier hardware, int draws = 8) =>
        new(
            ThreatModel.Hardware, Knowledge.Gradients, new ExpectationClassifier(hardware, draws),
            [hardware]);

    /// <summary>Only the classifier's logits are seen.</summary>
    public static AttackTarget Score(IClassifier classifier) =>
        new(ThreatModel.Score, Knowledge.Scores, classifier, [classifier]);

    /// <summary>The target as each of several threads sees it.</summary>
    internal IReadOnlyList<AttackTarget> Views =>
        [.. Source.Views.Select(view => new AttackTarget(Threat, Shows, view, Judges))];

    /// <summary>Only the classifier's decisions are seen.</summary>
    public static AttackTarget Label(IClassifier classifier) =>
        new(ThreatModel.Label, Knowledge.Labels, classifier, [classifier]);
}
