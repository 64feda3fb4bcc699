namespace QSim.Runner.Silicon.Costs;

/// <summary>What is asked about costs.</summary>
/// <param name="Target">What units are synthesised for.</param>
/// <param name="Tools">The programs.</param>
/// <param name="Constants">Energies of memories.</param>
/// <param name="Layer">One layer; null for all of them.</param>
internal sealed record CostRequest(
    CostTarget Target, CostTools Tools, EnergyConstants Constants, string? Layer)
{
    /// <summary>Whether a profile may have no circuit at all.</summary>
    public bool MayLack { get; init; }

    /// <summary>Whether figures may come from the fitted model: it is of Debian's cells.</summary>
    public bool MayModel => Tools.Library is not { IsShipped: false };

    /// <summary>Refuses what neither tools nor the model can answer.</summary>
    /// <exception cref="RequestException">Something is missing.</exception>
    public void Check()
    {
        string[] missing = [.. Tools.Missing(Target)];
        if (missing.Length == 0) return;
        string lacks = $"not installed: {string.Join(", ", missing)}";
        if (!MayModel)
            throw new RequestException(
                $"--liberty: {lacks}; the fitted model is of other cells "
                    + $"({CostModel.Shipped.Library})");
        if (Tools.Yosys is null && !CostModel.Shipped.Of(Target).Any())
            throw new RequestException(
                $"--target {Target.Name}: {lacks}; the fitted model is of "
                    + $"{string.Join(", ", CostModel.Shipped.Targets)}");
    }
}
