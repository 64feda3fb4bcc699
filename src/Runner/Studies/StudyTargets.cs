using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies;

/// <summary>Threat models made concrete.</summary>
public static class StudyTargets
{
    /// <summary>What an attack may ask for under a threat model.</summary>
    public static Knowledge Shows(ThreatModel threat) => threat switch
    {
        ThreatModel.Score => Knowledge.Scores,
        ThreatModel.Label => Knowledge.Labels,
        _ => Knowledge.Gradients,
    };

    /// <summary>
    /// An attack on one classifier: made for its design where it works from that.
    /// </summary>
    public static IAttack Bind(IAttack attack, FloatNetwork network, IClassifier classifier)
    {
        if (attack is not IDesignAttack design) return attack;
        return classifier is HardwareClassifier { Engine: { } engine } hardware
            ? design.For(network, hardware.Program, GradientEngineList.Find(engine))
            : design.For(network, (classifier as HardwareClassifier)?.Program);
    }

    /// <summary>A classifier that is attacked itself.</summary>
    public static AttackTarget Of(ThreatModel threat, IDifferentiableClassifier classifier) =>
        threat switch
        {
            ThreatModel.Score => AttackTarget.Score(classifier),
            ThreatModel.Label => AttackTarget.Label(classifier),
            _ => AttackTarget.WhiteBox(classifier),
        };
}
