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
            throw new ArgumentException("no classifier to judge the images");
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

    /// <summary>
    /// What else a white box has in full: the float network that the hardware was made from, on
    /// which a weaker attacker would make images. Null where there is none.
    /// </summary>
    public IDifferentiableClassifier? StandIn { get; private init; }

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
    /// <param name="classifier">The classifier.</param>
    /// <param name="standIn">The float network behind it, which the attacker has as well.</param>
    public static AttackTarget WhiteBox(
        IDifferentiableClassifier classifier, IDifferentiableClassifier? standIn = null) =>
        new(ThreatModel.Hardware, Knowledge.Gradients, classifier, [classifier])
        {
            StandIn = standIn,
        };

    /// <summary>
    /// White box on a classifier with randomness: attacked in expectation, judged by a draw of its
    /// own.
    /// </summary>
    /// <param name="hardware">The classifier.</param>
    /// <param name="draws">Draws that each expectation is taken over.</param>
    /// <param name="standIn">The float network behind it, which the attacker has as well.</param>
    public static AttackTarget InExpectation(
        IDifferentiableClassifier hardware, int draws = 8,
        IDifferentiableClassifier? standIn = null) =>
        new(
            ThreatModel.Hardware, Knowledge.Gradients, new ExpectationClassifier(hardware, draws),
            [hardware])
        {
            StandIn = standIn,
        };

    /// <summary>Only the classifier's logits are seen.</summary>
    public static AttackTarget Score(IClassifier classifier) =>
        new(ThreatModel.Score, Knowledge.Scores, classifier, [classifier]);

    /// <summary>The target as each of several threads sees it.</summary>
    internal IReadOnlyList<AttackTarget> Views
    {
        get
        {
            if (StandIn is null)
                return
                    [.. Source.Views.Select(v => new AttackTarget(Threat, Shows, v, Judges))];
            if (Source.Views.Count == 1) return [this];
            return
            [
                .. Source.Views.Zip(StandIn.Views, (view, standIn) =>
                    new AttackTarget(Threat, Shows, view, Judges)
                    {
                        StandIn = (IDifferentiableClassifier)standIn,
                    }),
            ];
        }
    }

    /// <summary>Only the classifier's decisions are seen.</summary>
    public static AttackTarget Label(IClassifier classifier) =>
        new(ThreatModel.Label, Knowledge.Labels, classifier, [classifier]);
}
