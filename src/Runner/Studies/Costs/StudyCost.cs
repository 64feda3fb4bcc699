namespace QSim.Runner.Studies.Costs;

/// <summary>What a study asks of its circuits: its <c>cost</c>.</summary>
/// <param name="Target">What they are synthesised for.</param>
/// <param name="Liberty">The process' cells; null for those that come with Debian.</param>
internal sealed record StudyCost(string Target, string? Liberty)
{
    /// <summary>What circuits can be synthesised for: standard cells, and FPGAs.</summary>
    public static IReadOnlyList<string> Targets { get; } = ["asic", "xcup", "ice40", "ecp5"];

    /// <summary>What a study that says no more gets.</summary>
    public static StudyCost Usual { get; } = new(Targets[0], null);
}
