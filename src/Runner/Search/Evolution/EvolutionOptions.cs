namespace QSim.Runner.Search.Evolution;

/// <summary>How a search goes about it.</summary>
/// <param name="Seed">Key of every random choice.</param>
/// <param name="Evaluations">Most designs that are measured.</param>
/// <param name="Population">Parents of a generation, and at most as many children.</param>
internal sealed record EvolutionOptions(ulong Seed, int Evaluations, int Population)
{
    /// <summary>Designs to begin with, the user's own among them.</summary>
    public IReadOnlyList<int[]> Start { get; init; } = [];
}

/// <summary>A design with what was found of it.</summary>
/// <param name="Design">Indices of values.</param>
/// <param name="Score">What it comes to.</param>
internal sealed record Member(int[] Design, Fronts.Score Score);
