namespace QSim.Attacks.Evaluation;

/// <summary>What the attacker knows.</summary>
public enum ThreatModel
{
    /// <summary>
    /// A stand-in (the float network, or other hardware) in full, of the target nothing: images are
    /// made on the stand-in and judged on the target.
    /// </summary>
    Transfer,

    /// <summary>
    /// The hardware in full: its exact outputs, and gradients straight through its rounding.
    /// </summary>
    Hardware,

    /// <summary>The logits that the hardware puts out.</summary>
    Score,

    /// <summary>The class that the hardware decides on.</summary>
    Label,
}

/// <summary>
/// What an attack needs, or a target shows, of a classifier; each includes those before it.
/// </summary>
public enum Knowledge
{
    /// <summary>The decision.</summary>
    Labels,

    /// <summary>The logits.</summary>
    Scores,

    /// <summary>Gradients of the logits.</summary>
    Gradients,
}
