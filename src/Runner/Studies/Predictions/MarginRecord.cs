using QSim.Attacks.Evaluation.Margins;

namespace QSim.Runner.Studies.Predictions;

/// <summary>
/// What the margin model makes of a target's clean images; it depends on no attack and no budget.
/// </summary>
/// <param name="Radii">
/// Per image: right under every budget below it. 0 where it is wrong to begin with; null where
/// nothing within [0, 1] is predicted to break it.
/// </param>
/// <param name="Error">The target's margins against the float network's.</param>
internal sealed record MarginRecord(IReadOnlyList<float?> Radii, LogitError Error)
{
    /// <summary>Images that the model finds right under a budget.</summary>
    public int Right(double epsilon) => Radii.Count(r => r is null || epsilon < r);
}
