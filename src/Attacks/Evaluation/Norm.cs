namespace QSim.Attacks.Evaluation;

/// <summary>How the size of a change is measured.</summary>
public enum Norm
{
    /// <summary>The largest change of a pixel.</summary>
    Linf,

    /// <summary>The root of the sum of squared changes.</summary>
    L2,

    /// <summary>The sum of absolute changes.</summary>
    L1,
}
