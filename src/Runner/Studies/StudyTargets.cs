using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies;

/// <summary>Threat models made concrete.</summary>
internal static class StudyTargets
{
    /// <summary>What an attack may ask for under a threat model.</summary>
    public static Knowledge Shows(ThreatModel threat) => threat switch
    {
        ThreatModel.Score => Knowledge.Scores,
        ThreatModel.Label => Knowledge.Labels,
        ThreatModel.Transfer or ThreatModel.Hardware => Knowledge.Gradients,
    };

    /// <summary>
    /// An attack on one classifier: made for its design where it works from that.
    /// </summary>
    public static BoundAttack Bind(IAttack attack, FloatNetwork network, IClassifier classifier)
    {
        if (attack is not IDesignAttack design) return new(attack, IsOwn: false);
        return new(
            classifier is HardwareClassifier { Engine: { } engine } hardware
                ? design.For(network, hardware.Program, GradientEngineList.Find(engine))
                : design.For(network, (classifier as HardwareClassifier)?.Program),
            IsOwn: true);
    }

    /// <summary>
    /// A classifier that is attacked itself; white box in expectation, where that is wanted and the
    /// classifier rounds stochastically.
    /// </summary>
    /// <param name="threat">What the attacker knows.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="draws">Draws of an expectation; null for none.</param>
    /// <param name="network">
    /// The float network, which who knows the hardware knows as well; that one itself has none.
    /// </param>
    public static AttackTarget Of(
        ThreatModel threat, IDifferentiableClassifier classifier, int? draws,
        IDifferentiableClassifier network)
    {
        IDifferentiableClassifier? standIn =
            classifier is HardwareClassifier ? network : null;
        return threat switch
        {
            ThreatModel.Score => AttackTarget.Score(classifier),
            ThreatModel.Label => AttackTarget.Label(classifier),
            _ when draws is { } n && IsStochastic(classifier) =>
                AttackTarget.InExpectation(classifier, n, standIn),
            ThreatModel.Transfer or ThreatModel.Hardware =>
                AttackTarget.WhiteBox(classifier, standIn),
            _ => throw new ArgumentOutOfRangeException(nameof(threat), threat, null),
        };
    }

    /// <summary>The same for one on which images are made for others.</summary>
    public static IDifferentiableClassifier Source(
        IDifferentiableClassifier classifier, int? draws) =>
        draws is { } n && IsStochastic(classifier)
            ? new ExpectationClassifier(classifier, n)
            : classifier;

    private static bool IsStochastic(IClassifier classifier) =>
        classifier is HardwareClassifier { IsStochastic: true };
}

/// <summary>
/// An attack on one classifier. One that works from a design holds networks of its own, which a
/// gradient engine may keep outside managed memory: it ends with the binding.
/// </summary>
/// <param name="Attack">The attack.</param>
/// <param name="IsOwn">Whether it was made for this classifier.</param>
internal sealed record BoundAttack(IAttack Attack, bool IsOwn) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOwn) (Attack as IDisposable)?.Dispose();
    }
}
