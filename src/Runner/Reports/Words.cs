using QSim.Attacks.Evaluation;

namespace QSim.Runner.Reports;

/// <summary>Enumerations as users type and read them.</summary>
public static class Words
{
    /// <summary>A norm's usual name.</summary>
    public static string Of(Norm norm) => norm switch
    {
        Norm.Linf => "L-infinity",
        _ => $"{norm}",
    };

    /// <summary>A threat model in lower case.</summary>
    public static string Of(ThreatModel? threat) => $"{threat}".ToLowerInvariant();
}
