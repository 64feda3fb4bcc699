using QSim.Attacks.Evaluation;

namespace QSim.Runner.Reports;

/// <summary>Norms as people read them.</summary>
internal static class NormNames
{
    /// <summary>A norm's usual name.</summary>
    public static string Of(Norm norm) => norm switch
    {
        Norm.Linf => "L-infinity",
        Norm.L2 or Norm.L1 => $"{norm}",
    };
}
