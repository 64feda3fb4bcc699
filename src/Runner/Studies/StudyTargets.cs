using QSim.Attacks.Evaluation;

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

    /// <summary>A classifier that is attacked itself.</summary>
    public static AttackTarget Of(ThreatModel threat, IDifferentiableClassifier classifier) => threat switch
    {
        ThreatModel.Score => AttackTarget.Score(classifier),
        ThreatModel.Label => AttackTarget.Label(classifier),
        _ => AttackTarget.WhiteBox(classifier),
    };
}
