using QSim.Runner.Studies;

namespace QSim.Runner.Search.Sensitivity;

/// <summary>What one bit less of each stage costs, and nothing that depends on when or where.
/// </summary>
internal sealed record SensitivityResults
{
    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/sensitivity/1";

    /// <summary>What was asked.</summary>
    public required StudySettings Study { get; init; }

    /// <summary>The profile's own figures, in percent.</summary>
    public required IReadOnlyDictionary<string, double> Start { get; init; }

    /// <summary>Each stage by itself, in the network's order.</summary>
    public required IReadOnlyList<StageLoss> Stages { get; init; }

    /// <summary>
    /// Of each stage, the layers whose loss is within the tolerance, narrowed together.
    /// </summary>
    public required IReadOnlyList<StageLoss> Together { get; init; }

    /// <summary>Layers and stages that cannot be narrower, with the reason.</summary>
    public required IReadOnlyList<string> Impossible { get; init; }
}

/// <summary>What narrowing costs in one accuracy.</summary>
/// <param name="Layers">The layers.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Change">From how many bits to how many; empty for several layers.</param>
/// <param name="Figure">clean, or worst at a budget.</param>
/// <param name="LostPoints">The profile's own accuracy less that of the narrower one.</param>
/// <param name="LostLow95">Lower end of its interval, that of all rows together.</param>
/// <param name="LostHigh95">Upper end of it.</param>
/// <param name="PHolm">McNemar's exact p-value, corrected for all rows by Holm.</param>
internal sealed record StageLoss(
    string Layers, string Stage, string Change, string Figure, double LostPoints, double LostLow95,
    double LostHigh95, double PHolm);
